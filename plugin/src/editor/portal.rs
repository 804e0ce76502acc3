//! Whether this desktop can show a file dialog: it comes from the desktop's portal, or from zenity.
//!
//! Any thread but audio; reads a few small files. The dialogs themselves say only that nothing was chosen, be
//! it that the person closed one or that none could be shown.

use std::path::{Path, PathBuf};

/// What a backend of the portal says of itself if it has file dialogs.
const FILE_CHOOSER: &str = "org.freedesktop.impl.portal.FileChooser";

/// Whether a file dialog can be shown.
#[must_use]
pub(super) fn has_dialogs() -> bool {
    if !cfg!(target_os = "linux") {
        return true;
    }
    let value = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let runtime = value("XDG_RUNTIME_DIR").map(|folder| Path::new(&folder).join("bus"));
    let bus = value("DBUS_SESSION_BUS_ADDRESS").is_some() || runtime.is_some_and(|bus| bus.exists());
    // Within a sandbox the portal is the desktop's, whose files are not seen.
    let sandbox = Path::new("/.flatpak-info").exists() || value("SNAP").is_some();
    let path = value("PATH").unwrap_or_default();
    let zenity = std::env::split_paths(&path).any(|folder| folder.join("zenity").is_file());
    zenity || bus && (sandbox || has_portal(&data_folders(&value)))
}

/// Where programs put what the desktop reads, as the XDG base directories say.
fn data_folders(value: &dyn Fn(&str) -> Option<std::ffi::OsString>) -> Vec<PathBuf> {
    let own = value("XDG_DATA_HOME").map(PathBuf::from);
    let own = own.or_else(|| Some(Path::new(&value("HOME")?).join(".local/share")));
    let shared = value("XDG_DATA_DIRS").unwrap_or_else(|| "/usr/local/share:/usr/share".into());
    own.into_iter().chain(std::env::split_paths(&shared)).collect()
}

/// Whether the portal can be started, and one of its backends has file dialogs.
fn has_portal(folders: &[PathBuf]) -> bool {
    let service = "dbus-1/services/org.freedesktop.portal.Desktop.service";
    let chooses = |folder: &PathBuf| {
        let backends = std::fs::read_dir(folder.join("xdg-desktop-portal/portals"));
        backends.into_iter().flatten().flatten().any(|backend| {
            let is_one = backend.path().extension().is_some_and(|end| end == "portal");
            is_one && std::fs::read_to_string(backend.path()).is_ok_and(|text| text.contains(FILE_CHOOSER))
        })
    };
    folders.iter().any(|folder| folder.join(service).is_file()) && folders.iter().any(chooses)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_portal_needs_a_backend_with_file_dialogs() {
        let folder = std::env::temp_dir().join(format!("deepdrummer-portal-{}", std::process::id()));
        let (services, portals) = (folder.join("dbus-1/services"), folder.join("xdg-desktop-portal/portals"));
        std::fs::create_dir_all(&services).unwrap();
        std::fs::create_dir_all(&portals).unwrap();
        let folders = [folder.join("nothing here"), folder.clone()];
        assert!(!has_portal(&folders));
        std::fs::write(services.join("org.freedesktop.portal.Desktop.service"), "[D-BUS Service]\n").unwrap();
        assert!(!has_portal(&folders), "it has no backend");
        let other = "[portal]\nInterfaces=org.freedesktop.impl.portal.Screenshot\n";
        std::fs::write(portals.join("screen.portal"), other).unwrap();
        assert!(!has_portal(&folders), "its backend has no file dialogs");
        std::fs::write(portals.join("gtk.portal"), format!("[portal]\nInterfaces={FILE_CHOOSER};\n"))
            .unwrap();
        assert!(has_portal(&folders));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}

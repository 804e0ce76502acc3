//! Names, folders, and writing a file whole or not at all.

use super::{Destination, ExportError};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// The longest name of a file without its extension, in characters.
const MAX_NAME_CHARS: usize = 100;

/// How many names are tried before giving up.
const MAX_TRIES: u32 = 1000;

/// Where exports go unless the person chose: a folder of our own in the music folder, else in the
/// documents folder, else in the user's data. It lasts, because hosts may refer to files in it. It is
/// made when something is written.
///
/// # Errors
/// There is no home.
pub fn default_folder() -> Result<PathBuf, ExportError> {
    let user = directories::UserDirs::new();
    // One that is named by a part of a path would be another one for every program.
    let whole = |folder: &&Path| folder.is_absolute();
    let music = user.as_ref().and_then(|dirs| dirs.audio_dir()).filter(whole);
    let documents = user.as_ref().and_then(|dirs| dirs.document_dir()).filter(whole);
    if let Some(folder) = music.or(documents) {
        return Ok(folder.join("DeepDrummer"));
    }
    directories::BaseDirs::new()
        .map(|dirs| dirs.data_dir().join("DeepDrummer").join("Exports"))
        .filter(|folder| folder.is_absolute())
        .ok_or(ExportError::NoFolder)
}

/// A name that is a single file name on every system: separators, control characters and what Windows
/// forbids become `-`; it neither begins with a dot nor ends with one or a space, is no device's name,
/// and has 1 to 100 characters.
#[must_use]
pub fn sanitized_name(name: &str) -> String {
    let clean: String = name
        .chars()
        .map(|c| if c.is_control() || r#"/\:*?"<>|"#.contains(c) { '-' } else { c })
        .take(MAX_NAME_CHARS)
        .collect();
    let clean = clean.trim_matches(|c: char| c == '.' || c.is_whitespace());
    let device = clean.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let numbered = |prefix: &str| {
        device.strip_prefix(prefix).is_some_and(|rest| rest.len() == 1 && rest.as_bytes()[0].is_ascii_digit())
    };
    let is_device =
        ["CON", "PRN", "AUX", "NUL"].contains(&device.as_str()) || numbered("COM") || numbered("LPT");
    if clean.is_empty() || is_device {
        format!("loop {clean}").trim_end().to_owned()
    } else {
        clean.to_owned()
    }
}

/// Writes a file and says where. `many`: it is one of several, and an exact destination is a folder.
pub(super) fn write(
    to: &Destination<'_>,
    stem: &str,
    extension: &str,
    bytes: &[u8],
    many: bool,
) -> Result<PathBuf, ExportError> {
    match to {
        Destination::Exactly(file) if !many => {
            let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
            let temporary = temporary(folder.unwrap_or(Path::new(".")), bytes)?;
            match crate::disk::persist(temporary, file) {
                Ok(_) => Ok(file.to_path_buf()),
                Err(source) => Err(ExportError::Write { path: file.to_path_buf(), source }),
            }
        }
        Destination::Folder(folder) | Destination::Exactly(folder) => {
            write_new(folder, stem, extension, bytes)
        }
    }
}

/// Writes under the first free of `stem.ext`, `stem (2).ext` and so on.
fn write_new(folder: &Path, stem: &str, extension: &str, bytes: &[u8]) -> Result<PathBuf, ExportError> {
    std::fs::create_dir_all(folder)
        .map_err(|source| ExportError::Folder { path: folder.to_path_buf(), source })?;
    let mut temporary = temporary(folder, bytes)?;
    for number in 1..=MAX_TRIES {
        let name = match number {
            1 => format!("{stem}.{extension}"),
            _ => format!("{stem} ({number}).{extension}"),
        };
        let path = folder.join(name);
        match temporary.persist_noclobber(&path) {
            Ok(_) => return Ok(path),
            Err(error) if error.error.kind() == ErrorKind::AlreadyExists => temporary = error.file,
            Err(error) => {
                // Some file systems can't rename without replacing: take the name first.
                temporary = error.file;
                match std::fs::File::create_new(&path) {
                    Ok(_) => {}
                    Err(taken) if taken.kind() == ErrorKind::AlreadyExists => continue,
                    Err(source) => return Err(ExportError::Write { path, source }),
                }
                return match crate::disk::persist(temporary, &path) {
                    Ok(_) => Ok(path),
                    Err(source) => {
                        // Only the empty file that was just made is taken away.
                        let _ = std::fs::remove_file(&path);
                        Err(ExportError::Write { path, source })
                    }
                };
            }
        }
    }
    Err(ExportError::NoFreeName { name: format!("{stem}.{extension}"), folder: folder.to_path_buf() })
}

/// How names of unfinished files begin and end.
const PART: (&str, &str) = (".DeepDrummer-", ".part");
/// Unfinished files that are older than this were left by a process that was killed.
const STALE: std::time::Duration = std::time::Duration::from_secs(3600);

/// Removes what killed processes left.
fn clear_stale(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let age = entry.metadata().and_then(|meta| meta.modified()).ok().and_then(|at| at.elapsed().ok());
        if name.starts_with(PART.0) && name.ends_with(PART.1) && age.is_some_and(|age| age > STALE) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// A complete file under a hidden name beside its final place; gone again unless it is kept.
fn temporary(folder: &Path, bytes: &[u8]) -> Result<tempfile::NamedTempFile, ExportError> {
    let failed = |source| ExportError::Folder { path: folder.to_path_buf(), source };
    clear_stale(folder);
    let mut builder = tempfile::Builder::new();
    builder.prefix(PART.0).suffix(PART.1);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // What any program's new file has; the person's umask still applies.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder).map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::SystemTime;

    #[test]
    fn what_a_killed_process_left_is_removed_and_what_another_one_writes_stays() {
        let folder = tempfile::tempdir().unwrap();
        let old = folder.path().join(".DeepDrummer-old.part");
        let new = folder.path().join(".DeepDrummer-new.part");
        let own = folder.path().join("my.part");
        for path in [&old, &new, &own] {
            std::fs::write(path, "x").unwrap();
        }
        let long_ago = SystemTime::now() - 2 * STALE;
        for path in [&old, &own] {
            std::fs::File::options().write(true).open(path).unwrap().set_modified(long_ago).unwrap();
        }
        write(&Destination::Folder(folder.path()), "a", "wav", b"bytes", false).unwrap();
        assert_eq!([&old, &new, &own].map(|path| path.exists()), [false, true, true]);
    }
}

//! The screen around the window, and what the host shows of it.
//!
//! X11, over a connection of its own; on Windows and macOS nothing is known here, and the window is as large as
//! the host makes it. The window's thread, and the host's main thread before a window opens. Each question
//! waits for the X server, some 50 µs.

use super::scale::Pixels;

/// What is around a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Around {
    /// How much the windows around ours would show of it, from its upper left corner.
    pub shown: Pixels,
    /// What the screen has room for: its work area less the host's own bars and frame.
    pub room: Option<Pixels>,
}

/// A host's bars around a plugin are smaller than this. What is larger is a window that does not follow the
/// size of ours, and so takes no room from it.
#[cfg(any(target_os = "linux", test))]
const MOST_CHROME: Pixels = Pixels::new(120, 200);

/// What there is room for in a work area when the host's window is so much larger than ours.
#[cfg(any(target_os = "linux", test))]
fn room(work_area: Pixels, ours: Pixels, outermost: Pixels) -> Pixels {
    let chrome = outermost.less(ours);
    let counted = |chrome: u32, most: u32| if chrome > most { 0 } else { chrome };
    work_area.less(Pixels::new(
        counted(chrome.width, MOST_CHROME.width),
        counted(chrome.height, MOST_CHROME.height),
    ))
}

#[cfg(not(target_os = "linux"))]
mod system {
    use super::*;

    /// See the module.
    pub(crate) struct Desk;

    impl Desk {
        pub(crate) fn open() -> Option<Self> {
            Some(Self)
        }

        pub(crate) fn work_area(&self) -> Option<Pixels> {
            None
        }

        pub(crate) fn scale(&self) -> Option<f64> {
            None
        }

        pub(crate) fn around(&self, _window: &baseview::WindowContext) -> Option<Around> {
            None
        }

        /// The window system gives the keyboard to what was clicked.
        pub(crate) fn take_keyboard(&self, window: &baseview::WindowContext) {
            if !window.has_focus() {
                let _ = window.focus();
            }
        }

        /// Nobody takes it away.
        pub(crate) fn keep_keyboard(&self, _window: &baseview::WindowContext) {}
    }
}

#[cfg(target_os = "linux")]
mod system {
    use super::super::scale;
    use super::*;
    use x11rb::protocol::xproto::{AtomEnum, ConnectionExt, InputFocus, MapState};
    use x11rb::rust_connection::RustConnection;

    /// See the module.
    pub(crate) struct Desk {
        connection: RustConnection,
        root: u32,
    }

    impl Desk {
        /// `None` where there is no X server.
        pub(crate) fn open() -> Option<Self> {
            use x11rb::connection::Connection;
            let (connection, screen) = x11rb::connect(None).ok()?;
            let root = connection.setup().roots.get(screen)?.root;
            Some(Self { connection, root })
        }

        /// The way to the X server.
        pub(crate) fn connection(&self) -> &RustConnection {
            &self.connection
        }

        /// The screen without its panels, as the window manager tells it (`_NET_WORKAREA` of the Extended
        /// Window Manager Hints); without one the whole screen.
        pub(crate) fn work_area(&self) -> Option<Pixels> {
            let root = self.connection.get_geometry(self.root).ok()?.reply().ok()?;
            let screen = Pixels::new(root.width.into(), root.height.into());
            let told = self.numbers(b"_NET_WORKAREA").unwrap_or_default();
            let desktop = self.numbers(b"_NET_CURRENT_DESKTOP").and_then(|all| all.first().copied());
            let areas: Vec<&[u32]> = told.chunks_exact(4).collect();
            let here = desktop.and_then(|desktop| areas.get(desktop as usize)).or(areas.first());
            let area = here.map(|area| Pixels::new(area[2], area[3]).within(screen));
            area.filter(|area| area.is_sane()).or(Some(screen))
        }

        /// The scale that the desktop's settings ask for: the resource `Xft.dpi`, of which 96 is 1.
        pub(crate) fn scale(&self) -> Option<f64> {
            let string = AtomEnum::STRING;
            let resources = AtomEnum::RESOURCE_MANAGER;
            let reply = self.connection.get_property(false, self.root, resources, string, 0, 1 << 16);
            let text = reply.ok()?.reply().ok()?.value;
            let text = String::from_utf8_lossy(&text);
            let dpi = text.lines().find_map(|line| line.strip_prefix("Xft.dpi:"))?;
            scale::told(dpi.trim().parse::<f64>().ok()? / 96.0)
        }

        /// What is around our window, while it is seen.
        pub(crate) fn around(&self, window: &baseview::WindowContext) -> Option<Around> {
            let mut at = crate::editor::window::x11_window(window)?;
            let seen = self.connection.get_window_attributes(at).ok()?.reply().ok()?;
            if seen.map_state != MapState::VIEWABLE {
                return None;
            }
            let own = self.connection.get_geometry(at).ok()?.reply().ok()?;
            let ours = Pixels::new(own.width.into(), own.height.into());
            let (mut shown, mut outermost) = (Pixels::new(u32::MAX, u32::MAX), ours);
            // Our upper left corner, in the window around.
            let (mut x, mut y) = (i32::from(own.x), i32::from(own.y));
            loop {
                let tree = self.connection.query_tree(at).ok()?.reply().ok()?;
                if tree.parent == self.root || tree.parent == 0 {
                    break;
                }
                at = tree.parent;
                let around = self.connection.get_geometry(at).ok()?.reply().ok()?;
                let left = |length: u16, from: i32| (i32::from(length) - from).max(0) as u32;
                shown = shown.within(Pixels::new(left(around.width, x), left(around.height, y)));
                let border = around.border_width;
                outermost = Pixels::new(
                    u32::from(around.width) + 2 * u32::from(border),
                    u32::from(around.height) + 2 * u32::from(border),
                );
                x += i32::from(around.x) + i32::from(border);
                y += i32::from(around.y) + i32::from(border);
            }
            let room = self.work_area().map(|area| room(area, ours, outermost.at_least(ours)));
            Some(Around { shown, room })
        }

        /// Gives the keyboard to our window, which was clicked: one that is embedded gets it from nobody else.
        /// When the window goes, its host has the keyboard again.
        pub(crate) fn take_keyboard(&self, window: &baseview::WindowContext) {
            let Some(ours) = crate::editor::window::x11_window(window) else { return };
            if self.focus() != Some(ours) {
                let set = self.connection.set_input_focus(InputFocus::PARENT, ours, x11rb::CURRENT_TIME);
                // A window that is not seen yet, or no more, can't have it.
                let _ = set.map(|cookie| cookie.check());
            }
        }

        /// Takes the keyboard back that the host or its window manager took after a click into our window.
        ///
        /// A window manager gives it to the host's own window when that is clicked anywhere, before or after our
        /// window took it, and toolkits hand it on to a window of theirs. It stays where it is when the pointer
        /// is no longer in our window, or when it went to another of the host's windows, or to another program.
        pub(crate) fn keep_keyboard(&self, window: &baseview::WindowContext) {
            let Some(ours) = crate::editor::window::x11_window(window) else { return };
            let Some(focus) = self.focus().filter(|focus| *focus != ours) else { return };
            // 0 and 1 are no windows: nobody has it, or whatever is under the pointer.
            let within_host = focus < 2 || self.outermost(focus) == self.outermost(ours);
            if within_host && self.has_pointer(ours) == Some(true) {
                self.take_keyboard(window);
            }
        }

        fn focus(&self) -> Option<u32> {
            Some(self.connection.get_input_focus().ok()?.reply().ok()?.focus)
        }

        fn has_pointer(&self, window: u32) -> Option<bool> {
            let size = self.connection.get_geometry(window).ok()?.reply().ok()?;
            let pointer = self.connection.query_pointer(window).ok()?.reply().ok()?;
            let within = |at: i16, length: u16| u16::try_from(at).is_ok_and(|at| at < length);
            let within = within(pointer.win_x, size.width) && within(pointer.win_y, size.height);
            Some(pointer.same_screen && within)
        }

        /// The window of the screen that a window lies in.
        fn outermost(&self, mut window: u32) -> Option<u32> {
            loop {
                let tree = self.connection.query_tree(window).ok()?.reply().ok()?;
                if tree.parent == self.root || tree.parent == 0 {
                    return Some(window);
                }
                window = tree.parent;
            }
        }

        fn numbers(&self, property: &[u8]) -> Option<Vec<u32>> {
            let atom = self.connection.intern_atom(true, property).ok()?.reply().ok()?.atom;
            let reply =
                self.connection.get_property(false, self.root, atom, AtomEnum::CARDINAL, 0, 1_024).ok()?;
            Some(reply.reply().ok()?.value32()?.collect())
        }
    }
}

pub(super) use system::Desk;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hosts_bars_and_frame_take_room_from_the_window() {
        let (work, ours) = (Pixels::new(1_366, 728), Pixels::new(1_080, 660));
        assert_eq!(room(work, ours, ours), work);
        assert_eq!(room(work, ours, Pixels::new(1_084, 720)), Pixels::new(1_362, 668));
    }

    #[test]
    fn a_hosts_main_window_takes_no_room() {
        let (work, ours) = (Pixels::new(1_366, 728), Pixels::new(860, 500));
        assert_eq!(room(work, ours, work), work);
    }
}

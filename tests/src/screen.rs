//! A host's window for tests that are about something else than the window.

use x11rb::COPY_DEPTH_FROM_PARENT;
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{ConnectionExt, CreateWindowAux, WindowClass};
use x11rb::rust_connection::RustConnection;

/// A window that an editor can be opened in.
pub struct HostWindow {
    /// Its number.
    pub id: u32,
    _connection: RustConnection,
}

impl HostWindow {
    /// `None` without a display: `cargo xtask test` brings one.
    #[must_use]
    pub fn open() -> Option<Self> {
        if std::env::var_os("DISPLAY").is_none_or(|display| display.is_empty()) {
            return None;
        }
        let (connection, screen) = RustConnection::connect(None).unwrap();
        let screen = &connection.setup().roots[screen];
        let id = connection.generate_id().unwrap();
        let look = CreateWindowAux::new().background_pixel(screen.black_pixel);
        let (depth, class) = (COPY_DEPTH_FROM_PARENT, WindowClass::INPUT_OUTPUT);
        connection.create_window(depth, id, screen.root, 0, 0, 1_400, 900, 0, class, 0, &look).unwrap();
        connection.map_window(id).unwrap();
        connection.get_input_focus().unwrap().reply().unwrap();
        Some(Self { id, _connection: connection })
    }
}

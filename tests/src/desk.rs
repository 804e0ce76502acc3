//! A host's window with the plugin's editor in it, looked at and used as a person does.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use x11rb::COPY_DEPTH_FROM_PARENT;
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{ConnectionExt, CreateWindowAux, ImageFormat, WindowClass};
use x11rb::rust_connection::RustConnection;

use crate::artifacts;
use crate::clap_host::{Plugin, until};

/// Larger than any size that the editor asks for.
const WIDTH: u16 = 1_400;
const HEIGHT: u16 = 900;

/// Whose desk is on the screen. Desks lie at the same place, and what lies beneath another window is
/// not drawn: with two at once the lower one would look as if its editor never came.
static SCREEN: Mutex<()> = Mutex::new(());

/// A host's window, in which editors are opened; the only one for as long as it lives.
pub struct Desk {
    connection: RustConnection,
    /// Its number.
    pub window: u32,
    _alone: MutexGuard<'static, ()>,
}

impl Desk {
    /// `None` without a display: then the test tells so and ends.
    #[must_use]
    pub fn open() -> Option<Self> {
        if std::env::var_os("DISPLAY").is_none_or(|display| display.is_empty()) {
            println!("skipped: there is no display; `cargo xtask test` brings one");
            return None;
        }
        let alone = SCREEN.lock().unwrap_or_else(PoisonError::into_inner);
        let (connection, screen) = RustConnection::connect(None).unwrap();
        let screen = &connection.setup().roots[screen];
        let window = connection.generate_id().unwrap();
        connection
            .create_window(
                COPY_DEPTH_FROM_PARENT,
                window,
                screen.root,
                0,
                0,
                WIDTH,
                HEIGHT,
                0,
                WindowClass::INPUT_OUTPUT,
                0,
                &CreateWindowAux::new().background_pixel(screen.black_pixel),
            )
            .unwrap();
        connection.map_window(window).unwrap();
        // Until the server has done all that was asked.
        connection.get_input_focus().unwrap().reply().unwrap();
        Some(Self { connection, window, _alone: alone })
    }

    /// The same with hands: `None` also where xdotool is missing.
    #[must_use]
    pub fn with_hands() -> Option<Self> {
        if Command::new("xdotool").arg("version").output().is_err() {
            assert!(std::env::var_os("DEEPDRUMMER_OUT").is_none(), "xdotool is missing");
            println!("skipped: xdotool is missing; `cargo xtask test` brings it");
            return None;
        }
        Self::open()
    }

    /// Opens the editor in it, and waits until it is drawn.
    pub fn open_editor(&self, plugin: &mut Plugin) {
        let size = plugin.open_editor(u64::from(self.window)).unwrap();
        assert!(
            size.width >= 400 && size.height >= 300,
            "the editor asks for {} x {}",
            size.width,
            size.height
        );
        let (width, height) = (size.width as u16, size.height as u16);
        // Text and rounded corners alone give dozens of shades.
        until("the editor to draw", || {
            plugin.idle();
            (self.colours(width, height) > 30).then_some(())
        });
    }

    /// How many different colours are seen in the window's upper left part.
    fn colours(&self, width: u16, height: u16) -> usize {
        let image = self.image(width, height);
        image.chunks_exact(4).map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect::<BTreeSet<_>>().len()
    }

    fn image(&self, width: u16, height: u16) -> Vec<u8> {
        let (width, height) = (width.min(WIDTH), height.min(HEIGHT));
        let image =
            self.connection.get_image(ImageFormat::Z_PIXMAP, self.window, 0, 0, width, height, u32::MAX);
        image.unwrap().reply().unwrap().data
    }

    /// Red, green and blue of a place in the window.
    #[must_use]
    pub fn pixel(&self, x: u16, y: u16) -> [u8; 3] {
        let image =
            self.connection.get_image(ImageFormat::Z_PIXMAP, self.window, x as i16, y as i16, 1, 1, u32::MAX);
        let bgra = image.unwrap().reply().unwrap().data;
        [bgra[2], bgra[1], bgra[0]]
    }

    /// The screen's width and height.
    #[must_use]
    pub fn screen(&self) -> (u32, u32) {
        let root = self.connection.query_tree(self.window).unwrap().reply().unwrap().root;
        let size = self.connection.get_geometry(root).unwrap().reply().unwrap();
        (size.width.into(), size.height.into())
    }

    /// Windows inside the host's window.
    #[must_use]
    pub fn children(&self) -> usize {
        self.connection.query_tree(self.window).unwrap().reply().unwrap().children.len()
    }

    /// What a hand does, in xdotool's words.
    pub fn hand(&self, script: &str) {
        let done = Command::new("xdotool").args(script.split_whitespace()).status();
        assert!(done.unwrap().success(), "xdotool {script}");
    }

    /// Leaves a picture of the window to look at.
    pub fn picture(&self, name: &str) {
        let (width, height) = (1_080, 660);
        let path = artifacts::output_folder().join(format!("{name}.ppm"));
        let mut bytes = format!("P6 {width} {height} 255\n").into_bytes();
        bytes.extend(self.image(width, height).chunks_exact(4).flat_map(|bgra| [bgra[2], bgra[1], bgra[0]]));
        std::fs::write(path, bytes).unwrap();
    }
}

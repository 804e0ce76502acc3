//! The real window under Xvfb on small screens and in hosts that give it little: whatever is asked for, all of
//! it stays where it can be reached, and the keyboard is a way back.
//!
//! Needs Xvfb and xdotool. `cargo xtask test` brings them and fails without them; elsewhere a test that lacks
//! something is skipped and says so.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod editor_support;

use deepdrummer_core::pattern::Grid;
use deepdrummer_core::session::command::Command as Asked;
use editor_support::screen::{Program, Screen};
use editor_support::{FOUR, Fake, session};
use nice_plug::editor::ParentWindowHandle;
use std::process::Command;
use std::time::{Duration, Instant};
use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    ConfigureWindowAux, ConnectionExt, CreateWindowAux, EventMask, MapState, WindowClass,
};
use x11rb::rust_connection::RustConnection;

/// Not a test of its own: the editor in a host's window, in a process whose display is the test's.
#[test]
#[ignore = "run by the other tests in a process of its own"]
fn editor_process() {
    let argument = |name: &str| std::env::var(name).unwrap();
    let (host, screen) = x11rb::connect(None).unwrap();
    let (parent, root) = (host.generate_id().unwrap(), host.setup().roots[screen].root);
    let look = CreateWindowAux::new().event_mask(EventMask::SUBSTRUCTURE_NOTIFY);
    host.create_window(0, parent, root, 0, 0, 1_080, 660, 0, WindowClass::INPUT_OUTPUT, 0, &look).unwrap();
    host.map_window(parent).unwrap();
    host.flush().unwrap();
    let follows = argument("FOLLOWS") == "yes";
    std::thread::spawn(move || {
        // A host whose window is as large as the plugin's, if it grants what that asks for.
        while let Ok(event) = host.wait_for_event() {
            let (width, height) = match event {
                Event::CreateNotify(event) => (event.width, event.height),
                Event::ConfigureNotify(event) => (event.width, event.height),
                _ => continue,
            };
            if follows {
                let size = ConfigureWindowAux::new().width(u32::from(width)).height(u32::from(height));
                host.configure_window(parent, &size).unwrap();
                host.flush().unwrap();
            }
        }
    });
    let fake = Fake::new(session(&FOUR, Grid::default()));
    let zoom = argument("ZOOM").parse().unwrap();
    fake.change(|view| view.settings.zoom_percent = zoom);
    println!("\nparent {parent}");
    let parent = ParentWindowHandle::XcbWindow(parent.try_into().unwrap());
    let watched = fake.clone();
    std::thread::spawn(move || {
        loop {
            for command in watched.sent() {
                if let Asked::ChangeSettings { to: settings, .. } = command {
                    println!("zoom {}", settings.zoom_percent);
                    watched.change(|view| view.settings = settings);
                }
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    });
    deepdrummer_plugin::editor::run_standalone(Box::new(fake), "DeepDrummer", Some(parent)).unwrap();
}

/// Longer than it takes until a window follows what is shown of it.
const FOR_GOOD: Duration = Duration::from_millis(2_500);

/// The editor in a host's window, and how large both are.
struct Host {
    x: RustConnection,
    parent: u32,
    program: Program,
    screen: Screen,
}

impl Host {
    fn open(screen: (u32, u32), zoom: u16, follows: &str) -> Option<Self> {
        let screen = Screen::of(screen.0, screen.1)?;
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", "editor_process", "--ignored", "--nocapture"])
            .envs([("DISPLAY", screen.display.as_str()), ("LIBGL_ALWAYS_SOFTWARE", "1")])
            .envs([("FOLLOWS", follows), ("ZOOM", zoom.to_string().as_str())]);
        let program = Program::start(&mut command);
        let parent = loop {
            if let Some(id) = program.line().strip_prefix("parent ") {
                break id.parse().unwrap();
            }
        };
        let (x, _) = x11rb::connect(Some(&screen.display)).unwrap();
        Some(Self { x, parent, program, screen })
    }

    fn size(&self, window: u32) -> Option<(u32, u32)> {
        let size = self.x.get_geometry(window).ok()?.reply().ok()?;
        Some((size.width.into(), size.height.into()))
    }

    /// The editor's window, once it is seen.
    fn editor(&self) -> Option<u32> {
        let tree = self.x.query_tree(self.parent).ok()?.reply().ok()?;
        let window = *tree.children.first()?;
        let seen = self.x.get_window_attributes(window).ok()?.reply().ok()?;
        (seen.map_state == MapState::VIEWABLE).then_some(window)
    }

    /// Waits until the editor has a size, and for as long as a change would take that it has it for good.
    fn until(&self, what: &str, right: impl Fn((u32, u32)) -> bool) -> (u32, u32) {
        let until = Instant::now() + Duration::from_secs(20);
        let mut since = None;
        loop {
            let size = self.editor().and_then(|window| self.size(window));
            match size.filter(|size| right(*size)) {
                Some(size) => {
                    let first = *since.get_or_insert_with(Instant::now);
                    if first.elapsed() > FOR_GOOD {
                        return size;
                    }
                }
                None => since = None,
            }
            assert!(Instant::now() < until, "gave up waiting for {what}; it is {size:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Presses a key over the editor, and waits for the zoom that it asks for.
    fn key(&self, key: &str, zoom: u16) {
        self.screen.xdotool(&format!("mousemove 300 640 key {key}"));
        self.program.wait_for(&format!("zoom {zoom}"));
    }
}

#[test]
fn at_every_zoom_the_window_is_no_larger_than_the_screen() {
    for screen in [(1_366, 768), (1_600, 1_200)] {
        for zoom in [100, 200] {
            let Some(host) = Host::open(screen, zoom, "yes") else { return };
            let factor = f64::from(zoom) / 100.0;
            let wished = ((1_080.0 * factor) as u32, (660.0 * factor) as u32);
            let right = (wished.0.min(screen.0), wished.1.min(screen.1));
            host.until(&format!("{right:?} at {zoom} % on {screen:?}"), |size| size == right);
        }
    }
}

#[test]
fn the_keyboard_zooms_and_is_the_way_back() {
    let Some(host) = Host::open((1_600, 1_200), 200, "yes") else { return };
    host.until("as large as the screen", |size| size == (1_600, 1_200));
    host.key("ctrl+minus", 175);
    host.until("a step smaller", |size| size == (1_600, 1_155));
    host.key("ctrl+0", 100);
    host.until("the usual size", |size| size == (1_080, 660));
    host.key("ctrl+plus", 125);
    host.until("a step larger", |size| size == (1_350, 825));
    host.key("ctrl+KP_Subtract", 100);
    host.until("the usual size again", |size| size == (1_080, 660));
}

#[test]
fn a_host_that_grants_no_more_shows_all_of_it() {
    let Some(host) = Host::open((1_600, 1_200), 200, "no") else { return };
    host.until("the host's size", |size| size == (1_080, 660));
    // Its window becomes smaller, without a word to the plugin.
    let smaller = ConfigureWindowAux::new().width(700).height(500);
    host.x.configure_window(host.parent, &smaller).unwrap();
    host.x.flush().unwrap();
    host.until("the smaller size", |size| size == (700, 500));
}

//! The XDND source against targets of every kind: versions 3 to 5, behind a proxy, and such that never
//! answer or never fetch. Each is a few lines on the bare protocol, because toolkits behave.
//!
//! Needs Xvfb and xdotool; skipped, and said so, where they are missing.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod editor_support;

use editor_support::screen::{DEADLINE, Program, Screen};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};
use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ClientMessageEvent, ConnectionExt as _, CreateWindowAux, EventMask, GrabMode, GrabStatus,
    PropMode, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

/// Where the target lies, and a place on it.
const PLACE: (i16, i16) = (800, 300);
const ON_IT: &str = "mousemove 900 400";

x11rb::atom_manager! {
    /// The names that a target uses.
    Atoms: AtomsCookie {
        XdndAware,
        XdndProxy,
        XdndSelection,
        XdndEnter,
        XdndPosition,
        XdndStatus,
        XdndLeave,
        XdndDrop,
        XdndFinished,
        XdndActionCopy,
        URI_LIST: b"text/uri-list",
        TARGET_DATA,
    }
}

/// How a target behaves.
#[derive(Clone, Copy)]
struct Manners {
    version: u32,
    /// Another window receives what is meant for it.
    proxy: bool,
    /// It answers positions.
    answers: bool,
    /// It fetches the files after the drop.
    fetches: bool,
}

impl Default for Manners {
    fn default() -> Self {
        Self { version: 5, proxy: false, answers: true, fetches: true }
    }
}

/// What a target was told.
#[derive(Debug, PartialEq)]
enum Told {
    /// A drag came in, and speaks this version.
    Enter(u32),
    /// It left.
    Leave,
    /// The button was let go on it.
    Drop,
    /// These files were dropped.
    Files(String),
}

/// A window that takes drops; it lives as long as its thread's connection.
fn target(screen: &Screen, manners: Manners) -> Receiver<Told> {
    let (sender, told) = channel();
    let (ready, wait) = channel();
    let display = screen.display.clone();
    std::thread::spawn(move || Target::open(&display, manners, sender).run(&ready));
    wait.recv_timeout(DEADLINE).expect("the target is there");
    told
}

struct Target {
    connection: RustConnection,
    atoms: Atoms,
    window: Window,
    source: Window,
    manners: Manners,
    told: Sender<Told>,
}

impl Target {
    fn open(display: &str, manners: Manners, told: Sender<Told>) -> Self {
        let (connection, screen) = RustConnection::connect(Some(display)).unwrap();
        let root = connection.setup().roots[screen].root;
        let atoms = Atoms::new(&connection).unwrap().reply().unwrap();
        let make = |x, y, size| {
            let window = connection.generate_id().unwrap();
            let attributes = CreateWindowAux::new().override_redirect(1);
            let class = WindowClass::INPUT_OUTPUT;
            connection.create_window(0, window, root, x, y, size, size, 0, class, 0, &attributes).unwrap();
            window
        };
        let window = make(PLACE.0, PLACE.1, 300);
        let receiver = if manners.proxy { make(-50, -50, 10) } else { window };
        let property = |window, name: Atom, kind: AtomEnum, value: u32| {
            connection.change_property32(PropMode::REPLACE, window, name, kind, &[value]).unwrap();
        };
        property(receiver, atoms.XdndAware, AtomEnum::ATOM, manners.version);
        if manners.proxy {
            property(window, atoms.XdndProxy, AtomEnum::WINDOW, receiver);
            property(receiver, atoms.XdndProxy, AtomEnum::WINDOW, receiver);
        }
        connection.map_window(window).unwrap();
        connection.get_input_focus().unwrap().reply().unwrap();
        Self { connection, atoms, window, source: 0, manners, told }
    }

    fn run(mut self, ready: &Sender<()>) {
        ready.send(()).unwrap();
        while let Ok(event) = self.connection.wait_for_event() {
            let going_on = match event {
                Event::ClientMessage(message) => self.message(message),
                Event::SelectionNotify(_) => self.fetched(),
                _ => Ok(()),
            };
            if going_on.is_err() {
                return;
            }
        }
    }

    fn reply(&self, kind: Atom, data: [u32; 5]) {
        let message = ClientMessageEvent::new(32, self.source, kind, data);
        self.connection.send_event(false, self.source, EventMask::NO_EVENT, message).unwrap();
        self.connection.flush().unwrap();
    }

    fn message(&mut self, message: ClientMessageEvent) -> Result<(), std::sync::mpsc::SendError<Told>> {
        let (data, atoms) = (message.data.as_data32(), self.atoms);
        assert_eq!(message.window, self.window, "messages name the target itself, also to a proxy");
        match message.type_ {
            kind if kind == atoms.XdndEnter => {
                self.source = data[0];
                assert_eq!((data[1] & 1, data[2]), (0, atoms.URI_LIST), "one type, named in the message");
                self.told.send(Told::Enter(data[1] >> 24))
            }
            kind if kind == atoms.XdndPosition => {
                if self.manners.answers {
                    self.reply(atoms.XdndStatus, [self.window, 1, 0, 0, atoms.XdndActionCopy]);
                }
                Ok(())
            }
            kind if kind == atoms.XdndLeave => self.told.send(Told::Leave),
            kind if kind == atoms.XdndDrop => {
                if self.manners.fetches {
                    let (window, time) = (self.window, data[2]);
                    let (selection, data) = (atoms.XdndSelection, atoms.TARGET_DATA);
                    let fetch =
                        self.connection.convert_selection(window, selection, atoms.URI_LIST, data, time);
                    fetch.unwrap();
                    self.connection.flush().unwrap();
                }
                self.told.send(Told::Drop)
            }
            _ => Ok(()),
        }
    }

    fn fetched(&self) -> Result<(), std::sync::mpsc::SendError<Told>> {
        let data = self.connection.get_property(
            true,
            self.window,
            self.atoms.TARGET_DATA,
            self.atoms.URI_LIST,
            0,
            4096,
        );
        let list = String::from_utf8(data.unwrap().reply().unwrap().value).unwrap();
        // Before version 5 nobody says whether it went well.
        let well = u32::from(self.manners.version >= 5);
        self.reply(self.atoms.XdndFinished, [self.window, well, well * self.atoms.XdndActionCopy, 0, 0]);
        self.told.send(Told::Files(list))
    }
}

/// Not a test of its own: another program that drags a file.
#[test]
#[ignore = "run by the other tests in a process of its own"]
fn source_process() {
    editor_support::screen::drag_file();
}

fn file() -> PathBuf {
    PathBuf::from("/tmp/DeepDrummer 0042 124bpm.mid")
}

/// Presses the button beside the target, starts dragging and comes onto it.
fn drag_onto(screen: &Screen) -> Program {
    screen.xdotool("mousemove 100 100 sleep 0.1 mousedown 1");
    let source = screen.source(&file());
    screen.xdotool(&format!("mousemove 400 300 sleep 0.1 {ON_IT} sleep 0.3"));
    source
}

#[track_caller]
fn next(told: &Receiver<Told>) -> Told {
    told.recv_timeout(DEADLINE).expect("the target is told something")
}

fn takes_the_file(manners: Manners) {
    let Some(screen) = Screen::open() else { return };
    let told = target(&screen, manners);
    let source = drag_onto(&screen);
    assert_eq!(next(&told), Told::Enter(manners.version), "the version that both know");
    screen.xdotool("mouseup 1");
    assert_eq!(next(&told), Told::Drop);
    assert_eq!(next(&told), Told::Files("file:///tmp/DeepDrummer%200042%20124bpm.mid\r\n".to_owned()));
    assert_eq!(source.line(), "ended Dropped");
}

#[test]
fn targets_of_versions_3_to_5_get_the_file() {
    for version in 3..=5 {
        takes_the_file(Manners { version, ..Manners::default() });
    }
}

#[test]
fn a_proxy_takes_what_is_meant_for_its_window() {
    takes_the_file(Manners { proxy: true, ..Manners::default() });
}

#[test]
fn a_target_of_version_2_is_left_alone() {
    let Some(screen) = Screen::open() else { return };
    let told = target(&screen, Manners { version: 2, ..Manners::default() });
    let source = drag_onto(&screen);
    screen.xdotool("mouseup 1");
    assert_eq!(source.line(), "ended Cancelled");
    assert!(told.try_recv().is_err());
}

#[test]
fn a_target_is_told_when_the_drag_leaves_it() {
    let Some(screen) = Screen::open() else { return };
    let told = target(&screen, Manners::default());
    let source = drag_onto(&screen);
    assert_eq!(next(&told), Told::Enter(5));
    screen.xdotool("mousemove 400 300 sleep 0.2");
    assert_eq!(next(&told), Told::Leave);
    screen.xdotool("mouseup 1");
    assert_eq!(source.line(), "ended Cancelled");
}

/// Whether a program can have pointer and keyboard for itself now.
fn nobody_holds_the_pointer(screen: &Screen) -> bool {
    let (connection, number) = RustConnection::connect(Some(&screen.display)).unwrap();
    let root = connection.setup().roots[number].root;
    let mode = GrabMode::ASYNC;
    let grab =
        connection.grab_pointer(false, root, EventMask::NO_EVENT, mode, mode, 0u32, 0u32, 0u32).unwrap();
    let pointer = grab.reply().unwrap().status == GrabStatus::SUCCESS;
    let keyboard = connection.grab_keyboard(false, root, 0u32, mode, mode).unwrap().reply().unwrap().status;
    pointer && keyboard == GrabStatus::SUCCESS
}

#[test]
fn a_target_that_never_answers_holds_nothing_up() {
    let Some(screen) = Screen::open() else { return };
    let told = target(&screen, Manners { answers: false, ..Manners::default() });
    let source = drag_onto(&screen);
    assert_eq!(next(&told), Told::Enter(5));
    assert!(nobody_holds_the_pointer(&screen), "also in the middle of a drag");
    screen.xdotool("mouseup 1");
    let since = Instant::now();
    assert_eq!(source.line(), "ended Cancelled");
    assert!(since.elapsed() < Duration::from_secs(3), "{:?}", since.elapsed());
    assert_eq!(next(&told), Told::Leave);
}

#[test]
fn a_target_that_never_fetches_is_given_up() {
    let Some(screen) = Screen::open() else { return };
    let told = target(&screen, Manners { fetches: false, ..Manners::default() });
    let source = drag_onto(&screen);
    screen.xdotool("mouseup 1");
    assert_eq!(next(&told), Told::Enter(5));
    assert_eq!(next(&told), Told::Drop);
    assert!(nobody_holds_the_pointer(&screen));
    let since = Instant::now();
    assert_eq!(source.line(), "ended Failed(\"the target did not fetch the files\")");
    assert!(since.elapsed() < Duration::from_secs(8), "{:?}", since.elapsed());
}

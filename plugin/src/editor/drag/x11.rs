//! An XDND drag source (X Drag-and-Drop protocol, versions 3 to 5) for files.
//!
//! A drag has a thread and a connection of its own. It never grabs the pointer or the keyboard: the
//! press of the button already made the server send everything to our window, so the drag only looks
//! where the pointer is and whether the button is down. A bad target can therefore keep nothing, and it
//! makes no difference that our window is a child of the host's. Every wait has a deadline.

use super::{Drag, DragEnd, DragError, DragSource};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::{Duration, Instant};
use x11rb::connection::Connection;
use x11rb::errors::{ConnectionError, ReplyError, ReplyOrIdError};
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ClientMessageEvent, ConnectionExt as _, CreateWindowAux, EventMask, KeyButMask, PropMode,
    SELECTION_NOTIFY_EVENT, SelectionNotifyEvent, SelectionRequestEvent, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

/// Between two looks at the pointer.
const TICK: Duration = Duration::from_millis(8);
/// A target that has not answered a position for this long is asked again.
const STATUS_DEADLINE: Duration = Duration::from_millis(800);
/// A target that has not fetched the files this long after the drop is given up.
const FINISH_DEADLINE: Duration = Duration::from_secs(5);
/// A button that seems to be down for longer was let go where nobody saw it.
const DRAG_DEADLINE: Duration = Duration::from_secs(120);
/// The version we speak at most.
const VERSION: u32 = 5;
/// Targets older than this know neither actions nor timestamps.
const LEAST_VERSION: u32 = 3;
/// The key symbol of Escape (X11 keysymdef).
const ESCAPE: u32 = 0xff1b;

x11rb::atom_manager! {
    /// The names that the protocol uses.
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
        TARGETS,
        TIMESTAMP,
        URI_LIST: b"text/uri-list",
        DEEPDRUMMER_TIME,
    }
}

/// What can go wrong while dragging.
#[derive(Debug, thiserror::Error)]
enum XdndError {
    #[error("no X11 display: {0}")]
    Connect(#[from] x11rb::errors::ConnectError),
    #[error("the X11 connection was lost: {0}")]
    Connection(#[from] ConnectionError),
    #[error("an X11 request failed: {0}")]
    Reply(#[from] ReplyError),
    #[error("an X11 request failed: {0}")]
    Create(#[from] ReplyOrIdError),
    #[error("another program drags already")]
    Busy,
    #[error("the target did not fetch the files")]
    NoAnswer,
}

/// Starts drags on X11.
#[derive(Default)]
pub struct Source(());

impl DragSource for Source {
    fn start(&mut self, files: &[PathBuf]) -> Result<Box<dyn Drag>, DragError> {
        if files.is_empty() {
            return Err(DragError::Empty);
        }
        let data = uri_list(files);
        let (sender, receiver) = channel();
        let thread = std::thread::Builder::new().name("deepdrummer drag".to_owned());
        let spawned = thread.spawn(move || {
            let end = Session::open(data).and_then(|mut session| session.run());
            // The window may have been closed meanwhile.
            let _ = sender.send(end.unwrap_or_else(|error| DragEnd::Failed(error.to_string())));
        });
        spawned.map_err(|error| DragError::Unreachable(error.to_string()))?;
        Ok(Box::new(Running { receiver }))
    }
}

struct Running {
    receiver: Receiver<DragEnd>,
}

impl Drag for Running {
    fn poll(&mut self) -> Option<DragEnd> {
        match self.receiver.try_recv() {
            Ok(end) => Some(end),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => Some(DragEnd::Failed("the drag stopped".to_owned())),
        }
    }
}

/// The files as `text/uri-list` (RFC 2483, section 5): one percent-encoded URI a line, CRLF.
#[must_use]
pub fn uri_list(files: &[PathBuf]) -> Vec<u8> {
    let mut list = Vec::new();
    for file in files {
        list.extend_from_slice(b"file://");
        list.extend_from_slice(&percent_encoded(file));
        list.extend_from_slice(b"\r\n");
    }
    list
}

/// A path with everything but unreserved characters and slashes percent-encoded (RFC 3986, section 2).
fn percent_encoded(path: &Path) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt;
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut out = Vec::new();
    for &byte in path.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(byte);
        } else {
            out.extend_from_slice(&[b'%', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        }
    }
    out
}

/// A window that takes drops, and where messages for it go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Target {
    window: Window,
    /// The window itself or its proxy.
    receiver: Window,
    version: u32,
}

/// What the target said last.
#[derive(Clone, Copy, Debug, Default)]
struct Answer {
    accepts: bool,
    /// A position was sent and not answered yet.
    waiting_since: Option<Instant>,
}

struct Session {
    connection: RustConnection,
    root: Window,
    source: Window,
    atoms: Atoms,
    data: Vec<u8>,
    escape: Vec<u8>,
    target: Option<Target>,
    answer: Answer,
    /// What is known of windows under the pointer; properties do not change within a drag.
    known: BTreeMap<Window, Option<Target>>,
    fetched: bool,
    finished: Option<bool>,
    selection_lost: bool,
}

impl Session {
    fn open(data: Vec<u8>) -> Result<Self, XdndError> {
        let (connection, screen) = x11rb::connect(None)?;
        let root = connection.setup().roots.get(screen).map(|screen| screen.root).unwrap_or_default();
        let atoms = Atoms::new(&connection)?.reply()?;
        let source = connection.generate_id()?;
        let attributes = CreateWindowAux::new().override_redirect(1).event_mask(EventMask::PROPERTY_CHANGE);
        connection.create_window(
            x11rb::COPY_DEPTH_FROM_PARENT,
            source,
            root,
            -10,
            -10,
            1,
            1,
            0,
            WindowClass::INPUT_OUTPUT,
            x11rb::COPY_FROM_PARENT,
            &attributes,
        )?;
        let escape = escape_keys(&connection)?;
        Ok(Self {
            connection,
            root,
            source,
            atoms,
            data,
            escape,
            target: None,
            answer: Answer::default(),
            known: BTreeMap::new(),
            fetched: false,
            finished: None,
            selection_lost: false,
        })
    }

    fn run(&mut self) -> Result<DragEnd, XdndError> {
        let time = self.server_time()?;
        self.connection.set_selection_owner(self.source, self.atoms.XdndSelection, time)?;
        let owner = self.connection.get_selection_owner(self.atoms.XdndSelection)?.reply()?.owner;
        if owner != self.source {
            return Err(XdndError::Busy);
        }
        let started = Instant::now();
        let mut last = None;
        loop {
            self.handle_events()?;
            let pointer = self.connection.query_pointer(self.root)?.reply()?;
            let position = (pointer.root_x, pointer.root_y);
            let down = pointer.mask.contains(KeyButMask::BUTTON1);
            let given_up = self.selection_lost || started.elapsed() > DRAG_DEADLINE;
            if given_up || self.escape_down()? {
                self.leave()?;
                return Ok(DragEnd::Cancelled);
            }
            let silent = self.answer.waiting_since.is_some_and(|since| since.elapsed() > STATUS_DEADLINE);
            if silent {
                self.answer.waiting_since = None;
                last = None;
            }
            if last != Some(position) && self.answer.waiting_since.is_none() {
                let target = self.target_at(position)?;
                self.switch(target)?;
                self.send_position(position)?;
                last = Some(position);
            }
            if !down {
                return self.drop_at(position, last);
            }
            std::thread::sleep(TICK);
        }
    }

    /// The button was let go: the target under it gets the files if it wants them.
    fn drop_at(&mut self, position: (i16, i16), told: Option<(i16, i16)>) -> Result<DragEnd, XdndError> {
        let deadline = Instant::now() + STATUS_DEADLINE;
        self.await_status(deadline)?;
        if told != Some(position) {
            let target = self.target_at(position)?;
            self.switch(target)?;
            self.send_position(position)?;
            self.await_status(deadline)?;
        }
        let Some(target) = self.target.filter(|_| self.answer.accepts) else {
            self.leave()?;
            return Ok(DragEnd::Cancelled);
        };
        let time = self.server_time()?;
        self.send(target, self.atoms.XdndDrop, [self.source, 0, time, 0, 0])?;
        let deadline = Instant::now() + FINISH_DEADLINE;
        // A later drag takes the selection over; then this one is over too.
        while self.finished.is_none() && !self.selection_lost && Instant::now() < deadline {
            self.handle_events()?;
            std::thread::sleep(TICK);
        }
        match self.finished {
            Some(true) => Ok(DragEnd::Dropped),
            Some(false) => Ok(DragEnd::Cancelled),
            None if self.fetched => Ok(DragEnd::Dropped),
            None => Err(XdndError::NoAnswer),
        }
    }

    fn await_status(&mut self, deadline: Instant) -> Result<(), XdndError> {
        while self.answer.waiting_since.is_some() && Instant::now() < deadline {
            self.handle_events()?;
            std::thread::sleep(TICK);
        }
        Ok(())
    }

    /// The server's clock, from the notice of a change of our own property (ICCCM, section 2.1).
    fn server_time(&mut self) -> Result<u32, XdndError> {
        let property = self.atoms.DEEPDRUMMER_TIME;
        self.connection.change_property8(PropMode::REPLACE, self.source, property, AtomEnum::STRING, &[])?;
        self.connection.flush()?;
        let deadline = Instant::now() + STATUS_DEADLINE;
        while Instant::now() < deadline {
            match self.connection.poll_for_event()? {
                Some(Event::PropertyNotify(event)) if event.atom == property => return Ok(event.time),
                Some(event) => self.handle(event)?,
                None => std::thread::sleep(Duration::from_millis(1)),
            }
        }
        Ok(x11rb::CURRENT_TIME)
    }

    fn escape_down(&self) -> Result<bool, XdndError> {
        let keys = self.connection.query_keymap()?.reply()?.keys;
        Ok(self.escape.iter().any(|key| keys[usize::from(key / 8)] >> (key % 8) & 1 == 1))
    }

    /// The topmost window at a point that takes drops, from the root inwards: the host's window comes
    /// before ours when ours lies within it.
    fn target_at(&mut self, (x, y): (i16, i16)) -> Result<Option<Target>, XdndError> {
        let mut window = self.root;
        loop {
            let reply = self.connection.translate_coordinates(self.root, window, x, y)?.reply();
            let child = match reply {
                Ok(reply) => reply.child,
                // The window went away meanwhile.
                Err(ReplyError::X11Error(_)) => return Ok(None),
                Err(error) => return Err(error.into()),
            };
            if child == x11rb::NONE {
                return Ok(if window == self.root { self.target(window)? } else { None });
            }
            if let Some(target) = self.target(child)? {
                return Ok(Some(target));
            }
            window = child;
        }
    }

    fn target(&mut self, window: Window) -> Result<Option<Target>, XdndError> {
        if let Some(known) = self.known.get(&window) {
            return Ok(*known);
        }
        let proxy = self.property(window, self.atoms.XdndProxy, AtomEnum::WINDOW)?;
        // A proxy that does not name itself was left behind by a program that crashed.
        let proxy = match proxy {
            Some(proxy) => {
                let own = self.property(proxy, self.atoms.XdndProxy, AtomEnum::WINDOW)?;
                (own == Some(proxy)).then_some(proxy)
            }
            None => None,
        };
        let receiver = proxy.unwrap_or(window);
        let version = self.property(receiver, self.atoms.XdndAware, AtomEnum::ATOM)?;
        let target = version.filter(|version| *version >= LEAST_VERSION).map(|version| Target {
            window,
            receiver,
            version: version.min(VERSION),
        });
        self.known.insert(window, target);
        Ok(target)
    }

    fn property(&self, window: Window, name: Atom, kind: AtomEnum) -> Result<Option<u32>, XdndError> {
        match self.connection.get_property(false, window, name, kind, 0, 1)?.reply() {
            Ok(reply) => Ok(reply.value32().and_then(|mut values| values.next())),
            Err(ReplyError::X11Error(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn switch(&mut self, target: Option<Target>) -> Result<(), XdndError> {
        if target == self.target {
            return Ok(());
        }
        self.leave()?;
        if let Some(target) = target {
            let data = [self.source, target.version << 24, self.atoms.URI_LIST, 0, 0];
            self.send(target, self.atoms.XdndEnter, data)?;
        }
        self.target = target;
        Ok(())
    }

    fn leave(&mut self) -> Result<(), XdndError> {
        if let Some(target) = self.target.take() {
            self.send(target, self.atoms.XdndLeave, [self.source, 0, 0, 0, 0])?;
            // An answer means that it was passed on. The connection may close next, and a server that finds
            // it closed with events unread drops requests that it has not read yet.
            self.connection.get_input_focus()?.reply()?;
        }
        self.answer = Answer::default();
        Ok(())
    }

    fn send_position(&mut self, (x, y): (i16, i16)) -> Result<(), XdndError> {
        let Some(target) = self.target else { return Ok(()) };
        let place = u32::from(x as u16) << 16 | u32::from(y as u16);
        let data = [self.source, 0, place, x11rb::CURRENT_TIME, self.atoms.XdndActionCopy];
        self.send(target, self.atoms.XdndPosition, data)?;
        self.answer.waiting_since = Some(Instant::now());
        Ok(())
    }

    fn send(&self, target: Target, kind: Atom, data: [u32; 5]) -> Result<(), XdndError> {
        let message = ClientMessageEvent::new(32, target.window, kind, data);
        self.connection.send_event(false, target.receiver, EventMask::NO_EVENT, message)?;
        self.connection.flush()?;
        Ok(())
    }

    fn handle_events(&mut self) -> Result<(), XdndError> {
        while let Some(event) = self.connection.poll_for_event()? {
            self.handle(event)?;
        }
        Ok(())
    }

    fn handle(&mut self, event: Event) -> Result<(), XdndError> {
        match event {
            Event::ClientMessage(message) if message.format == 32 => {
                let data = message.data.as_data32();
                let ours = self.target.is_some_and(|target| target.window == data[0]);
                if message.type_ == self.atoms.XdndStatus && ours {
                    self.answer = Answer { accepts: data[1] & 1 == 1, waiting_since: None };
                } else if message.type_ == self.atoms.XdndFinished && ours {
                    // Before version 5 the flag did not exist.
                    let flag = self.target.is_some_and(|target| target.version >= 5);
                    self.finished = Some(!flag || data[1] & 1 == 1);
                }
            }
            Event::SelectionRequest(request) => self.serve(&request)?,
            Event::SelectionClear(_) => self.selection_lost = true,
            // Errors are of windows that went away; the drag goes on without them.
            _ => {}
        }
        Ok(())
    }

    /// Hands the list of files out (ICCCM, section 2.2).
    fn serve(&mut self, request: &SelectionRequestEvent) -> Result<(), XdndError> {
        // Obsolete clients name no property; the target's name serves as one.
        let property = if request.property == x11rb::NONE { request.target } else { request.property };
        let (window, connection) = (request.requestor, &self.connection);
        let served = if request.target == self.atoms.URI_LIST {
            connection.change_property8(
                PropMode::REPLACE,
                window,
                property,
                self.atoms.URI_LIST,
                &self.data,
            )?;
            self.fetched = true;
            true
        } else if request.target == self.atoms.TARGETS {
            let targets = [self.atoms.TARGETS, self.atoms.URI_LIST];
            connection.change_property32(PropMode::REPLACE, window, property, AtomEnum::ATOM, &targets)?;
            true
        } else {
            false
        };
        let notice = SelectionNotifyEvent {
            response_type: SELECTION_NOTIFY_EVENT,
            sequence: 0,
            time: request.time,
            requestor: request.requestor,
            selection: request.selection,
            target: request.target,
            property: if served { property } else { x11rb::NONE },
        };
        connection.send_event(false, window, EventMask::NO_EVENT, notice)?;
        connection.flush()?;
        Ok(())
    }
}

/// The key codes that Escape lies on.
fn escape_keys(connection: &RustConnection) -> Result<Vec<u8>, XdndError> {
    let (first, last) = (connection.setup().min_keycode, connection.setup().max_keycode);
    let map = connection.get_keyboard_mapping(first, last - first + 1)?.reply()?;
    let per_key = usize::from(map.keysyms_per_keycode.max(1));
    let keys = map.keysyms.chunks(per_key).zip(first..=last);
    Ok(keys.filter(|(symbols, _)| symbols.contains(&ESCAPE)).map(|(_, key)| key).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_are_encoded_and_end_with_crlf() {
        let files = [PathBuf::from("/tmp/DeepDrummer 0042 124bpm kick.mid"), PathBuf::from("/tmp/ä%#.wav")];
        let list = String::from_utf8(uri_list(&files)).unwrap();
        assert_eq!(
            list,
            "file:///tmp/DeepDrummer%200042%20124bpm%20kick.mid\r\nfile:///tmp/%C3%A4%25%23.wav\r\n"
        );
    }

    #[test]
    fn nothing_to_drag_is_an_error() {
        assert!(matches!(Source::default().start(&[]), Err(DragError::Empty)));
    }
}

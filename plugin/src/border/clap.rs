//! The CLAP entry: the framework's plugin, whose extensions of state and of note names are ours.

use super::note_names::{self, NOTE_NAMES};
use super::{MOST_BYTES, mended};
use crate::DeepDrummer;
use crate::guard::{self, Entry};
use clap_sys::ext::note_name::CLAP_EXT_NOTE_NAME;
use clap_sys::ext::state::{CLAP_EXT_STATE, clap_plugin_state};
use clap_sys::stream::{clap_istream, clap_ostream};
use nice_plug::wrapper::clap::{
    CLAP_PLUGIN_FACTORY_ID, CLAP_VERSION, PluginDescriptor, Wrapper, clap_host, clap_plugin,
    clap_plugin_descriptor, clap_plugin_entry, clap_plugin_factory,
};
use nice_plug::wrapper::setup_logger;
use std::ffi::{CStr, c_char, c_void};
use std::sync::{Arc, OnceLock};

static FACTORY: clap_plugin_factory = clap_plugin_factory {
    get_plugin_count: Some(count),
    get_plugin_descriptor: Some(descriptor),
    create_plugin: Some(create),
};

/// The CLAP plugin's entry point.
#[unsafe(no_mangle)]
#[used]
pub static clap_entry: clap_plugin_entry = clap_plugin_entry {
    clap_version: CLAP_VERSION,
    init: Some(init),
    deinit: Some(deinit),
    get_factory: Some(factory),
};

unsafe extern "C" fn init(_path: *const c_char) -> bool {
    setup_logger::<DeepDrummer>();
    true
}

unsafe extern "C" fn deinit() {}

unsafe extern "C" fn factory(id: *const c_char) -> *const c_void {
    // SAFETY: the host gives a text that ends with a zero, or nothing.
    if !id.is_null() && unsafe { CStr::from_ptr(id) } == CLAP_PLUGIN_FACTORY_ID {
        (&raw const FACTORY).cast()
    } else {
        std::ptr::null()
    }
}

fn the_descriptor() -> &'static PluginDescriptor {
    static DESCRIPTOR: OnceLock<PluginDescriptor> = OnceLock::new();
    DESCRIPTOR.get_or_init(PluginDescriptor::for_plugin::<DeepDrummer>)
}

unsafe extern "C" fn count(_factory: *const clap_plugin_factory) -> u32 {
    1
}

unsafe extern "C" fn descriptor(
    _factory: *const clap_plugin_factory,
    index: u32,
) -> *const clap_plugin_descriptor {
    if index == 0 { the_descriptor().clap_plugin_descriptor() } else { std::ptr::null() }
}

type GetExtension = unsafe extern "C" fn(*const clap_plugin, *const c_char) -> *const c_void;

/// The framework's functions; the same for all instances.
static GET_EXTENSION: OnceLock<GetExtension> = OnceLock::new();
static STATE: OnceLock<clap_plugin_state> = OnceLock::new();

unsafe extern "C" fn create(
    _factory: *const clap_plugin_factory,
    host: *const clap_host,
    id: *const c_char,
) -> *const clap_plugin {
    // SAFETY: the host gives a text that ends with a zero, or nothing.
    if id.is_null() || unsafe { CStr::from_ptr(id) } != the_descriptor().clap_id() {
        return std::ptr::null();
    }
    // SAFETY: the host's own pointer.
    let new = || Some(unsafe { Wrapper::<DeepDrummer>::new(host) });
    let Some(wrapper) = guard::run(Entry::Instance, || None, new) else { return std::ptr::null() };
    // The framework takes the reference back when the host destroys the plugin.
    let wrapper = Arc::into_raw(wrapper);
    // SAFETY: it was made just now and nobody else knows it yet; the framework's own struct of functions is
    // in a cell that may be written.
    unsafe {
        let plugin = (*wrapper).clap_plugin.as_ptr();
        if let Some(theirs) = (*plugin).get_extension {
            GET_EXTENSION.get_or_init(|| theirs);
            (*plugin).get_extension = Some(get_extension);
        }
        note_names::is_at(plugin);
        plugin
    }
}

static OURS: clap_plugin_state = clap_plugin_state { save: Some(save), load: Some(load) };

pub(super) unsafe extern "C" fn get_extension(
    plugin: *const clap_plugin,
    id: *const c_char,
) -> *const c_void {
    // SAFETY: the host gives a text that ends with a zero, or nothing.
    if !id.is_null() && unsafe { CStr::from_ptr(id) } == CLAP_EXT_NOTE_NAME {
        return (&raw const NOTE_NAMES).cast();
    }
    let Some(theirs) = GET_EXTENSION.get() else { return std::ptr::null() };
    // SAFETY: what the host gave is handed on.
    let extension = unsafe { theirs(plugin, id) };
    // SAFETY: the host gives a text that ends with a zero, or nothing.
    if extension.is_null() || id.is_null() || unsafe { CStr::from_ptr(id) } != CLAP_EXT_STATE {
        return extension;
    }
    // SAFETY: an extension of this name is such a struct, and lives as long as the plugin.
    STATE.get_or_init(|| unsafe { *extension.cast::<clap_plugin_state>() });
    (&raw const OURS).cast()
}

unsafe extern "C" fn save(plugin: *const clap_plugin, stream: *const clap_ostream) -> bool {
    // SAFETY: what the host gave is handed on.
    STATE.get().and_then(|theirs| theirs.save).is_some_and(|save| unsafe { save(plugin, stream) })
}

unsafe extern "C" fn load(plugin: *const clap_plugin, stream: *const clap_istream) -> bool {
    if stream.is_null() {
        return false;
    }
    // SAFETY: the host's stream is valid for this call.
    let bytes = unsafe { whole_state(&*stream) };
    let Some(load) = STATE.get().and_then(|theirs| theirs.load) else { return false };
    let mut memory = Memory { bytes, at: 0 };
    let stream = clap_istream { ctx: (&raw mut memory).cast(), read: Some(read_memory) };
    // SAFETY: the stream and what it reads live until the call is over, on this thread alone.
    unsafe { load(plugin, &raw const stream) }
}

/// The bytes of a state with their length before them, as the framework writes them; what is no state is
/// handed on as far as it was read.
unsafe fn whole_state(stream: &clap_istream) -> Vec<u8> {
    let mut bytes = Vec::new();
    // SAFETY: the stream is valid, as the caller promises.
    unsafe { read_up_to(stream, 8, &mut bytes) };
    let Ok(head) = <[u8; 8]>::try_from(bytes.as_slice()) else { return bytes };
    let Some(length) = usize::try_from(u64::from_le_bytes(head)).ok().filter(|length| *length <= MOST_BYTES)
    else {
        return bytes;
    };
    let mut state = Vec::new();
    // SAFETY: the stream is valid, as the caller promises.
    unsafe { read_up_to(stream, length, &mut state) };
    if state.len() < length {
        // It was cut: the framework says so.
        bytes.extend(state);
        return bytes;
    }
    let state = mended(state);
    let mut bytes = (state.len() as u64).to_le_bytes().to_vec();
    bytes.extend(state);
    bytes
}

/// Reads so many bytes, or until the stream has no more.
unsafe fn read_up_to(stream: &clap_istream, length: usize, into: &mut Vec<u8>) {
    const PIECE: usize = 1 << 16;
    let Some(read) = stream.read else { return };
    let mut piece = vec![0_u8; PIECE.min(length)];
    while into.len() < length {
        let wanted = piece.len().min(length - into.len());
        // SAFETY: the host writes at most so many bytes there.
        let got = unsafe { read(stream, piece.as_mut_ptr().cast(), wanted as u64) };
        let Some(got) = usize::try_from(got).ok().filter(|got| (1..=wanted).contains(got)) else { return };
        into.extend_from_slice(&piece[..got]);
    }
}

struct Memory {
    bytes: Vec<u8>,
    at: usize,
}

unsafe extern "C" fn read_memory(stream: *const clap_istream, buffer: *mut c_void, size: u64) -> i64 {
    // SAFETY: only `load` makes such a stream; what it points to is its own while it is read.
    let memory = unsafe { &mut *(*stream).ctx.cast::<Memory>() };
    let rest = &memory.bytes[memory.at..];
    let length = rest.len().min(usize::try_from(size).unwrap_or(usize::MAX));
    // SAFETY: the framework gives room for so many bytes.
    unsafe { std::ptr::copy_nonoverlapping(rest.as_ptr(), buffer.cast(), length) };
    memory.at += length;
    length as i64
}

//! What a host writes beside the keys of its piano roll (CLAP's note names): the roles that the keys of an
//! instance's drum map play. The framework has no such extension.
//!
//! The host's main thread. A host asks when it opens the plugin, and where it pleases; it is not told that another
//! map was chosen.

use clap_sys::ext::note_name::{clap_note_name, clap_plugin_note_name};
use deepdrummer_core::export::NoteMap;
use deepdrummer_core::pattern::Role;
use deepdrummer_core::runtime::{RuntimeHandle, WeakRuntime};
use nice_plug::wrapper::clap::clap_plugin;
use std::cell::RefCell;
use std::sync::{Mutex, PoisonError};

pub(super) static NOTE_NAMES: clap_plugin_note_name =
    clap_plugin_note_name { count: Some(count), get: Some(get) };

thread_local! {
    /// The instance that was made last on this thread: the framework does not hand it out.
    static MADE: RefCell<Option<WeakRuntime>> = const { RefCell::new(None) };
}

/// Instances by the address that hosts know them by; of those that are gone some may still be here.
static INSTANCES: Mutex<Vec<(usize, WeakRuntime)>> = Mutex::new(Vec::new());

/// An instance is being made; [`is_at`] follows on the same thread.
pub(crate) fn made(runtime: &RuntimeHandle) {
    MADE.with_borrow_mut(|made| *made = Some(runtime.downgrade()));
}

/// The instance that was made just now is known to the host by this address.
pub(super) fn is_at(plugin: *const clap_plugin) {
    let Some(runtime) = MADE.with_borrow_mut(Option::take) else { return };
    let mut instances = INSTANCES.lock().unwrap_or_else(PoisonError::into_inner);
    instances.retain(|(at, of)| *at != plugin.addr() && of.upgrade().is_some());
    instances.push((plugin.addr(), runtime));
}

/// Keys and the roles that they play, from low to high.
fn named(plugin: *const clap_plugin) -> Vec<(u8, Role)> {
    let instances = INSTANCES.lock().unwrap_or_else(PoisonError::into_inner);
    let of = instances.iter().find(|(at, _)| *at == plugin.addr());
    let Some(view) = of.and_then(|(_, of)| of.upgrade()).map(|runtime| runtime.view()) else {
        return NoteMap::GeneralMidi.named(&[]);
    };
    let roles: Vec<Role> = view.lanes.iter().map(|lane| lane.role).collect();
    view.midi_map.as_ref().map_or(view.export.note_map, |of| of.map).named(&roles)
}

unsafe extern "C" fn count(plugin: *const clap_plugin) -> u32 {
    named(plugin).len() as u32
}

unsafe extern "C" fn get(plugin: *const clap_plugin, index: u32, to: *mut clap_note_name) -> bool {
    // Nothing here can panic into the host.
    let named = named(plugin);
    let Some(&(key, role)) = usize::try_from(index).ok().and_then(|index| named.get(index)) else {
        return false;
    };
    if to.is_null() {
        return false;
    }
    let mut name = clap_note_name { name: [0; 256], port: -1, key: key.into(), channel: -1 };
    for (to, from) in name.name.iter_mut().zip(role.label().bytes()) {
        *to = from as _;
    }
    // SAFETY: the host gives room for one name, and it is not null.
    unsafe { to.write(name) };
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CStr;

    fn name(index: u32) -> Option<(i16, String)> {
        let mut to = clap_note_name { name: [1; 256], port: 0, key: 0, channel: 0 };
        // SAFETY: there is room for one name.
        unsafe {
            get(std::ptr::null(), index, &raw mut to).then(|| {
                let text = CStr::from_ptr(to.name.as_ptr()).to_str().unwrap().to_owned();
                assert_eq!((to.port, to.channel), (-1, -1));
                (to.key, text)
            })
        }
    }

    #[test]
    fn a_host_that_asks_for_the_extension_gets_it() {
        let id = clap_sys::ext::note_name::CLAP_EXT_NOTE_NAME;
        // SAFETY: the id is a text; of the plugin nothing is asked.
        let found = unsafe { super::super::clap::get_extension(std::ptr::null(), id.as_ptr()) };
        assert_eq!(found, (&raw const NOTE_NAMES).cast());
    }

    #[test]
    fn each_drum_key_has_one_name_and_the_kick_is_where_every_drummer_has_it() {
        // SAFETY: it takes nothing.
        let count = unsafe { count(std::ptr::null()) };
        let named: Vec<(i16, String)> = (0..count).filter_map(name).collect();
        assert_eq!(named.len(), count as usize);
        assert!(named.windows(2).all(|pair| pair[0].0 < pair[1].0), "each key once, from low to high");
        assert!(named.contains(&(36, "Kick".to_owned())) && named.contains(&(38, "Snare".to_owned())));
        assert_eq!(name(count), None);
        // SAFETY: nothing is written where there is no room.
        assert!(!unsafe { get(std::ptr::null(), 0, std::ptr::null_mut()) });
    }
}

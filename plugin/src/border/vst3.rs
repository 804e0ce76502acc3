//! The VST3 entries: the framework's component, whose `setState` is ours.

use super::{MOST_BYTES, mended};
use crate::DeepDrummer;
use nice_plug::wrapper::setup_logger;
use nice_plug::wrapper::vst3::vst3::Steinberg::IBStream_::IStreamSeekMode_::{
    kIBSeekCur, kIBSeekEnd, kIBSeekSet,
};
use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::{IComponent, IComponentVtbl};
use nice_plug::wrapper::vst3::vst3::Steinberg::{
    FIDString, FUnknown, IBStream, IBStreamTrait, IPluginFactory, IPluginFactory2, IPluginFactory2Trait,
    IPluginFactory3, IPluginFactory3Trait, IPluginFactoryTrait, PClassInfo, PClassInfo2, PClassInfoW,
    PFactoryInfo, TUID, int32, int64, kInvalidArgument, kResultFalse, kResultOk, tresult,
};
use nice_plug::wrapper::vst3::vst3::{Class, ComRef, ComWrapper};
use nice_plug::wrapper::vst3::{PluginInfo, Wrapper};
use std::cell::Cell;
use std::ffi::c_void;
use std::sync::OnceLock;

struct Factory {
    info: PluginInfo,
}

impl Class for Factory {
    type Interfaces = (IPluginFactory, IPluginFactory2, IPluginFactory3);
}

impl Factory {
    /// Fills in what is asked of the only class.
    ///
    /// # Safety
    /// `to` is null or may be written.
    unsafe fn tell<T>(index: int32, to: *mut T, what: impl FnOnce() -> T) -> tresult {
        if index != 0 || to.is_null() {
            return kInvalidArgument;
        }
        // SAFETY: as the caller promises.
        unsafe { to.write(what()) };
        kResultOk
    }
}

impl IPluginFactoryTrait for Factory {
    unsafe fn getFactoryInfo(&self, info: *mut PFactoryInfo) -> tresult {
        // SAFETY: the host's own.
        unsafe { Self::tell(0, info, || self.info.create_factory_info()) }
    }

    unsafe fn countClasses(&self) -> int32 {
        1
    }

    unsafe fn getClassInfo(&self, index: int32, info: *mut PClassInfo) -> tresult {
        // SAFETY: the host's own.
        unsafe { Self::tell(index, info, || self.info.create_class_info()) }
    }

    unsafe fn createInstance(&self, cid: FIDString, iid: FIDString, obj: *mut *mut c_void) -> tresult {
        if cid.is_null() || iid.is_null() || obj.is_null() {
            return kInvalidArgument;
        }
        // SAFETY: a class's identity has 16 bytes.
        if unsafe { *cid.cast::<[u8; 16]>() } != *self.info.cid {
            return kInvalidArgument;
        }
        let component = ComWrapper::new(Wrapper::<DeepDrummer>::new());
        take_set_state(&component);
        let Some(unknown) = component.as_com_ref::<FUnknown>() else { return kResultFalse };
        let unknown = unknown.as_ptr();
        // SAFETY: it is a whole object; `iid` and `obj` are the host's own.
        unsafe { ((*(*unknown).vtbl).queryInterface)(unknown, iid.cast::<TUID>(), obj) }
    }
}

impl IPluginFactory2Trait for Factory {
    unsafe fn getClassInfo2(&self, index: int32, info: *mut PClassInfo2) -> tresult {
        // SAFETY: the host's own.
        unsafe { Self::tell(index, info, || self.info.create_class_info_2()) }
    }
}

impl IPluginFactory3Trait for Factory {
    unsafe fn getClassInfoUnicode(&self, index: int32, info: *mut PClassInfoW) -> tresult {
        // SAFETY: the host's own.
        unsafe { Self::tell(index, info, || self.info.create_class_info_unicode()) }
    }

    unsafe fn setHostContext(&self, _context: *mut FUnknown) -> tresult {
        kResultOk
    }
}

/// The framework's functions of a component, and the same with ours; they are the same for all instances.
static THEIRS: OnceLock<IComponentVtbl> = OnceLock::new();
static OURS: OnceLock<IComponentVtbl> = OnceLock::new();

/// Lets a component that nobody knows yet use our table of functions.
fn take_set_state(component: &ComWrapper<Wrapper<DeepDrummer>>) {
    let Some(interface) = component.as_com_ref::<IComponent>() else { return };
    let interface: *mut IComponent = interface.as_ptr();
    // SAFETY: the object was made just now and nobody else has it. Its first field is the pointer to the
    // table, which is a constant of the framework's; ours differs in one function and lives for ever.
    unsafe {
        let theirs = THEIRS.get_or_init(|| *(*interface).vtbl);
        (*interface).vtbl = OURS.get_or_init(|| IComponentVtbl { setState: set_state, ..*theirs });
    }
}

unsafe extern "system" fn set_state(this: *mut IComponent, state: *mut IBStream) -> tresult {
    let Some(theirs) = THEIRS.get() else { return kResultFalse };
    // SAFETY: the host's stream is valid for this call.
    let Some(bytes) = (unsafe { whole(state) }) else { return kResultFalse };
    let memory = ComWrapper::new(Memory { bytes: mended(bytes), at: Cell::new(0) });
    let Some(stream) = memory.as_com_ref::<IBStream>() else { return kResultFalse };
    // SAFETY: the framework's own function on its own object, with a stream that outlives the call.
    unsafe { (theirs.setState)(this, stream.as_ptr()) }
}

/// All bytes from where a stream stands; `None` where there are more than a state may have.
///
/// # Safety
/// It is null or a valid stream.
unsafe fn whole(state: *mut IBStream) -> Option<Vec<u8>> {
    // SAFETY: as the caller promises.
    let stream = unsafe { ComRef::from_raw(state) }?;
    let mut bytes = Vec::new();
    let mut piece = vec![0_u8; 1 << 16];
    loop {
        let mut got = 0;
        // Some hosts say at the end that it failed; what was read counts.
        // SAFETY: the host writes at most so many bytes there.
        unsafe { stream.read(piece.as_mut_ptr().cast(), piece.len() as int32, &raw mut got) };
        let got = usize::try_from(got).ok().filter(|got| *got <= piece.len())?;
        if got == 0 {
            return Some(bytes);
        }
        bytes.extend_from_slice(&piece[..got]);
        if bytes.len() > MOST_BYTES {
            return None;
        }
    }
}

/// A stream over bytes at hand, for one call on one thread.
struct Memory {
    bytes: Vec<u8>,
    at: Cell<usize>,
}

impl Class for Memory {
    type Interfaces = (IBStream,);
}

impl IBStreamTrait for Memory {
    unsafe fn read(&self, buffer: *mut c_void, wanted: int32, got: *mut int32) -> tresult {
        let rest = self.bytes.get(self.at.get()..).unwrap_or_default();
        let length = rest.len().min(usize::try_from(wanted).unwrap_or(0));
        if buffer.is_null() {
            return kInvalidArgument;
        }
        // SAFETY: the framework gives room for so many bytes.
        unsafe { std::ptr::copy_nonoverlapping(rest.as_ptr(), buffer.cast(), length) };
        self.at.set(self.at.get() + length);
        if !got.is_null() {
            // SAFETY: the framework's own.
            unsafe { got.write(length as int32) };
        }
        kResultOk
    }

    unsafe fn write(&self, _buffer: *mut c_void, _length: int32, _written: *mut int32) -> tresult {
        kResultFalse
    }

    unsafe fn seek(&self, pos: int64, mode: int32, result: *mut int64) -> tresult {
        let from = if mode == kIBSeekSet as int32 {
            0
        } else if mode == kIBSeekCur as int32 {
            self.at.get()
        } else if mode == kIBSeekEnd as int32 {
            self.bytes.len()
        } else {
            return kInvalidArgument;
        };
        let Ok(at) = usize::try_from((from as int64).saturating_add(pos)) else { return kInvalidArgument };
        self.at.set(at.min(self.bytes.len()));
        // SAFETY: null, or the framework's own.
        unsafe { self.tell_to(result) };
        kResultOk
    }

    unsafe fn tell(&self, pos: *mut int64) -> tresult {
        // SAFETY: null, or the framework's own.
        unsafe { self.tell_to(pos) };
        kResultOk
    }
}

impl Memory {
    /// # Safety
    /// `pos` is null or may be written.
    unsafe fn tell_to(&self, pos: *mut int64) {
        if !pos.is_null() {
            // SAFETY: as the caller promises.
            unsafe { pos.write(self.at.get() as int64) };
        }
    }
}

/// The VST3 plugin's factory.
#[unsafe(no_mangle)]
pub(super) extern "system" fn GetPluginFactory() -> *mut c_void {
    let factory = ComWrapper::new(Factory { info: PluginInfo::for_plugin::<DeepDrummer>() });
    factory.to_com_ptr::<IPluginFactory>().map_or(std::ptr::null_mut(), |factory| factory.into_raw().cast())
}

fn begin() -> bool {
    setup_logger::<DeepDrummer>();
    true
}

/// The library is loaded.
#[unsafe(no_mangle)]
#[cfg(all(target_family = "unix", not(target_os = "macos")))]
pub(super) extern "C" fn ModuleEntry(_library: *mut c_void) -> bool {
    begin()
}

/// The library goes.
#[unsafe(no_mangle)]
#[cfg(all(target_family = "unix", not(target_os = "macos")))]
pub(super) extern "C" fn ModuleExit() -> bool {
    true
}

/// The library is loaded.
#[unsafe(no_mangle)]
#[cfg(target_os = "macos")]
pub(super) extern "C" fn bundleEntry(_library: *mut c_void) -> bool {
    begin()
}

/// The library goes.
#[unsafe(no_mangle)]
#[cfg(target_os = "macos")]
pub(super) extern "C" fn bundleExit() -> bool {
    true
}

/// The library is loaded.
#[unsafe(no_mangle)]
#[cfg(target_os = "windows")]
pub(super) extern "system" fn InitDll() -> bool {
    begin()
}

/// The library goes.
#[unsafe(no_mangle)]
#[cfg(target_os = "windows")]
pub(super) extern "system" fn ExitDll() -> bool {
    true
}

#[cfg(test)]
mod tests;

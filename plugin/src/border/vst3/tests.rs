use super::*;
use nice_plug::wrapper::vst3::vst3::Steinberg::IPluginBaseTrait as _;
use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::IComponentTrait as _;
use nice_plug::wrapper::vst3::vst3::{ComPtr, Interface as _};
use std::cell::RefCell;

/// A stream that is written.
#[derive(Default)]
struct Written(RefCell<Vec<u8>>);

impl Class for Written {
    type Interfaces = (IBStream,);
}

impl IBStreamTrait for Written {
    unsafe fn read(&self, _: *mut c_void, _: int32, _: *mut int32) -> tresult {
        kResultFalse
    }
    unsafe fn write(&self, buffer: *mut c_void, length: int32, written: *mut int32) -> tresult {
        // SAFETY: the framework's own bytes.
        let bytes = unsafe { std::slice::from_raw_parts(buffer.cast::<u8>(), length as usize) };
        self.0.borrow_mut().extend_from_slice(bytes);
        // SAFETY: the framework's own.
        unsafe { written.write(length) };
        kResultOk
    }
    unsafe fn seek(&self, _: int64, _: int32, _: *mut int64) -> tresult {
        kResultFalse
    }
    unsafe fn tell(&self, _: *mut int64) -> tresult {
        kResultFalse
    }
}

/// A component as a host makes it.
fn component() -> ComPtr<IComponent> {
    // SAFETY: the factory is one that was made just now.
    let factory = unsafe { ComPtr::from_raw(GetPluginFactory().cast::<IPluginFactory>()) }.unwrap();
    // SAFETY: it is plain numbers and letters.
    let mut class: PClassInfo = unsafe { std::mem::zeroed() };
    let identity = IComponent::IID;
    let mut object = std::ptr::null_mut();
    // SAFETY: all pointers are this function's own.
    unsafe {
        assert_eq!((factory.countClasses(), factory.getClassInfo(0, &raw mut class)), (1, kResultOk));
        let iid = identity.as_ptr().cast();
        assert_eq!(factory.createInstance(class.cid.as_ptr(), iid, &raw mut object), kResultOk);
        let none = [0_i8; 16];
        let mut other = std::ptr::null_mut();
        assert_ne!(factory.createInstance(none.as_ptr().cast(), iid, &raw mut other), kResultOk);
        let component = ComPtr::from_raw(object.cast::<IComponent>()).unwrap();
        assert_eq!(component.initialize(std::ptr::null_mut()), kResultOk);
        component
    }
}

fn save(component: &ComPtr<IComponent>) -> Vec<u8> {
    let stream = ComWrapper::new(Written::default());
    // SAFETY: the stream lives until the call is over.
    let saved = unsafe { component.getState(stream.as_com_ref::<IBStream>().unwrap().as_ptr()) };
    assert_eq!(saved, kResultOk);
    stream.0.borrow().clone()
}

fn load(component: &ComPtr<IComponent>, bytes: &[u8]) -> bool {
    let stream = ComWrapper::new(Memory { bytes: bytes.to_vec(), at: Cell::new(0) });
    // SAFETY: the stream lives until the call is over.
    unsafe { component.setState(stream.as_com_ref::<IBStream>().unwrap().as_ptr()) == kResultOk }
}

#[test]
fn a_vst3_state_with_a_parameter_of_another_kind_loads_and_is_saved_back() {
    let component = component();
    let good = save(&component);
    let text = String::from_utf8(good.clone()).unwrap();
    let odd = text.replacen("{\"f32\":0.0}", "{\"vector\":[1]}", 1);
    let odd = odd.replacen("\"steps\":{\"i32\":16}", "\"steps\":{\"i32\":1e39}", 1);
    assert_ne!(odd, text);
    let other = self::component();
    assert!(load(&other, odd.as_bytes()));
    let saved = save(&other);
    let read: serde_json::Value = serde_json::from_slice(&saved).unwrap();
    assert_eq!(read["params"]["steps"]["i32"], 24);
    assert!(read["fields"]["unread"].as_str().unwrap().contains("{\"vector\":[1]}"), "{read}");
    let first: serde_json::Value = serde_json::from_slice(&good).unwrap();
    assert_eq!(read["fields"]["session"], first["fields"]["session"], "the session is there");
    assert!(load(&component, &saved) && save(&component) == saved, "what is saved loads again");
    assert!(load(&component, &good) && save(&component)[..40] == good[..40]);
    for refused in [&b""[..], b"x", b"null", &good[..good.len() / 2]] {
        let before = save(&component);
        assert!(!load(&component, refused));
        assert_eq!(save(&component), before);
    }
    for component in [component, other] {
        // SAFETY: the last call on each.
        unsafe { component.terminate() };
    }
}

/// Hosts that read the file do not load the library until somebody uses it: both must say the same.
#[test]
fn the_file_about_the_classes_says_what_the_library_says() {
    let file =
        include_str!("../../../../packaging/moduleinfo.json").replace("{version}", env!("CARGO_PKG_VERSION"));
    let file: serde_json::Value = serde_json::from_str(&file).unwrap();
    let class = &file["Classes"][0];
    let info = PluginInfo::for_plugin::<DeepDrummer>();
    let text = |bytes: &[std::ffi::c_char]| {
        let bytes: Vec<u8> = bytes.iter().map(|byte| *byte as u8).take_while(|byte| *byte != 0).collect();
        String::from_utf8(bytes).unwrap()
    };
    let (factory, told) = (info.create_factory_info(), info.create_class_info_2());
    for (written, told) in [
        (&file["Name"], text(&told.name)),
        (&file["Version"], text(&told.version)),
        (&file["Factory Info"]["Vendor"], text(&factory.vendor)),
        (&file["Factory Info"]["URL"], text(&factory.url)),
        (&file["Factory Info"]["E-Mail"], text(&factory.email)),
        (&class["Name"], text(&told.name)),
        (&class["Category"], text(&told.category)),
        (&class["Vendor"], text(&told.vendor)),
        (&class["Version"], text(&told.version)),
        (&class["SDKVersion"], text(&told.sdkVersion)),
    ] {
        assert_eq!(written.as_str(), Some(told.as_str()));
    }
    let categories: Vec<&str> =
        class["Sub Categories"].as_array().unwrap().iter().filter_map(|of| of.as_str()).collect();
    assert_eq!(categories.join("|"), text(&told.subCategories));
    assert_eq!(class["Cardinality"], told.cardinality);
    assert_eq!(class["Class Flags"], told.classFlags);
    let id: String = <DeepDrummer as nice_plug::prelude::Vst3Plugin>::VST3_CLASS_ID
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect();
    assert_eq!(class["CID"].as_str(), Some(id.as_str()), "the id is written the same on all systems");
}

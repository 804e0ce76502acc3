//! The host's parameters, made from [`table`]. Their values are atomics; any thread reads them.
//!
//! What a host, a person or a saved state gives is brought into the row's range: texts on the way in, saved values
//! before they are set (`state.rs`), numbers also after the framework has set them.

use crate::guard::{self, Entry};
use crate::state::{FIELD, SessionField, Unread};
use deepdrummer_core::engine::MixState;
use deepdrummer_core::session::{Controls, SoundControls};
use nice_plug::context::gui::GuiContext;
use nice_plug::context::remote_controls::{RemoteControlsContext, RemoteControlsPage, RemoteControlsSection};
use nice_plug::params::enums::EnumParamInner;
use nice_plug::params::persist::{PersistentField, deserialize_field, serialize_field};
use nice_plug::params::{InternalParamMut, Params};
use nice_plug::prelude::*;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Weak};
use table::{Choice, Holds, HostRole, Kind, Page, SetMix};

pub mod choices;
mod latch;
pub mod table;
pub mod text;

pub use table::{HostParam, LaneParam, Press};

/// The primitives of `latch`, in one place: `loom/` puts others there.
mod sync {
    pub(super) use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
}

/// Whether a momentary parameter was pressed since this was last asked. It is told by the parameter
/// itself, since a press and its release may both lie within one block. A saved state that is loaded
/// presses nothing, even if it was saved while the parameter was on.
#[derive(Clone, Debug, Default)]
pub struct Presses(Arc<latch::Latch>);

impl Presses {
    /// Takes the press, if there was one. While a state is being loaded it waits: it may come from that.
    /// Audio thread.
    #[must_use]
    pub fn take(&self) -> bool {
        self.0.take(&LOADS)
    }

    /// Forgets a press.
    fn release(&self) {
        self.0.release();
    }
}

/// States that are being put into parameters just now, of all instances: the framework does not say of
/// which. Not a thread's own flag: the first touch of one allocates, which audio threads must not.
static LOADS: latch::Loads = latch::Loads(sync::AtomicUsize::new(0));

/// A state is going to be put into some instance's parameters; [`end_load`] follows.
pub(crate) fn begin_load() {
    LOADS.begin();
}

/// The state is in the parameters; what it pressed is forgotten.
pub(crate) fn end_load(pressed: &[Presses]) {
    pressed.iter().for_each(Presses::release);
    LOADS.end();
}

/// The framework's parameter of a row. Its address stays the same as long as it lives.
enum Stored {
    Number(Arc<FloatParam>),
    Count(Box<IntParam>),
    Switch(Box<BoolParam>),
    Choice(Box<dyn Choice>),
}

/// Runs `$body` with `$param` bound to the framework's parameter, whatever its type.
macro_rules! with {
    ($stored:expr, $param:ident => $body:expr) => {
        match $stored {
            Stored::Number($param) => {
                let $param: &FloatParam = $param;
                $body
            }
            Stored::Count($param) => {
                let $param: &IntParam = $param;
                $body
            }
            Stored::Switch($param) => {
                let $param: &BoolParam = $param;
                $body
            }
            Stored::Choice(choice) => {
                let $param: &EnumParamInner = without_list(&**choice);
                $body
            }
        }
    };
}

/// A choice as the framework's type that knows no list.
#[expect(unsafe_code, reason = "the framework hands its inner type out as a pointer alone")]
fn without_list(choice: &dyn Choice) -> &EnumParamInner {
    let ParamPtr::EnumParam(inner) = choice.pointer() else {
        unreachable!("choices are made from enums alone");
    };
    // SAFETY: it points to a field of what `choice` borrows, for as long as that is borrowed.
    unsafe { &*inner }
}

impl Stored {
    fn new(param: HostParam, presses: &Presses) -> Self {
        let (row, name) = (param.row(), param.name());
        let (text, [least, most]) = (row.text(), param.range());
        match row.kind {
            Kind::Number { default, grain, .. } => Self::Number(Arc::new_cyclic(|this| {
                let number = FloatParam::new(name, default, FloatRange::Linear { min: least, max: most })
                    .with_unit(text.unit)
                    .with_value_to_string(to_text(move |value| (text.write)(param.sanitized(value))))
                    .with_string_to_value(from_text(move |written| text.value(written, least, most)))
                    .with_callback(stays_in_range(param, Weak::clone(this)));
                if let Some(grain) = grain { number.with_step_size(grain) } else { number }
            })),
            Kind::Count { least: min, most: max, default } => {
                let read = move |written: &str| text.value(written, least, most).map(|value| value as i32);
                let count = IntParam::new(name, default, IntRange::Linear { min, max })
                    .with_string_to_value(from_text(read));
                let hidden = row.role == HostRole::Hidden;
                Self::Count(Box::new(if hidden { count.hide().non_automatable() } else { count }))
            }
            Kind::Switch { default } => {
                let switch = BoolParam::new(name, default).with_string_to_value(from_text(text::switch));
                let bypass = row.role == HostRole::Bypass;
                Self::Switch(Box::new(if bypass { switch.make_bypass() } else { switch }))
            }
            Kind::Button => {
                let presses = presses.clone();
                let note = move |on: bool| {
                    if on {
                        guard::run(Entry::ParamChanged, || (), || presses.0.press());
                    }
                };
                let button = BoolParam::new(name, false)
                    .with_string_to_value(from_text(text::switch))
                    .with_callback(Arc::new(note));
                Self::Switch(Box::new(button))
            }
            Kind::Choice(choices) => Self::Choice((choices.make)(name)),
        }
    }

    fn plain(&self) -> f32 {
        match self {
            Self::Number(param) => param.value(),
            Self::Count(param) => param.value() as f32,
            Self::Switch(param) => f32::from(param.value()),
            Self::Choice(choice) => without_list(&**choice).modulated_plain_value() as f32,
        }
    }
}

/// How a value is put into words, as the framework takes it.
fn to_text(text: impl Fn(f32) -> String + Send + Sync + 'static) -> Arc<dyn Fn(f32) -> String + Send + Sync> {
    Arc::new(move |value| guard::run(Entry::ParamToText, String::new, || text(value)))
}

type FromText<T> = dyn Fn(&str) -> Option<T> + Send + Sync;

/// How words are read, as the framework takes it.
fn from_text<T>(value: impl Fn(&str) -> Option<T> + Send + Sync + 'static) -> Arc<FromText<T>> {
    Arc::new(move |text| guard::run(Entry::TextToParam, || None, || value(text)))
}

/// What a number does whenever it was set: a host may send what is no number, and a saved state what is out of
/// range, and the framework takes both. Any thread, audio among them: atomics alone.
fn stays_in_range(param: HostParam, this: Weak<FloatParam>) -> Arc<dyn Fn(f32) + Send + Sync> {
    let [least, most] = param.range();
    let last = AtomicU32::new(param.default().to_bits());
    let mends = AtomicBool::new(false);
    Arc::new(move |value| {
        if (least..=most).contains(&value) {
            last.store(value.to_bits(), Ordering::Relaxed);
            return;
        }
        // Setting it again comes back here.
        if mends.swap(true, Ordering::AcqRel) {
            return;
        }
        guard::run(
            Entry::ParamChanged,
            || (),
            || {
                if let Some(number) = this.upgrade() {
                    let last = f32::from_bits(last.load(Ordering::Relaxed));
                    set_again(&number, if value.is_nan() { last } else { value.clamp(least, most) });
                }
            },
        );
        mends.store(false, Ordering::Release);
    })
}

#[expect(unsafe_code, reason = "the framework's setters are marked unsafe so that only wrappers use them")]
fn set_again(number: &FloatParam, plain: f32) {
    // SAFETY: they store atomics and call the parameter's callback, nothing else; they are marked unsafe since
    // the host is not told. It is not to be told either: it set a value that there is not.
    unsafe {
        number._internal_set_plain_value(plain);
        if number.value().is_nan() {
            number._internal_modulate_value(0.0);
        }
    }
}

/// All parameters and the session, which the host saves beside them.
pub struct DrumParams {
    session: SessionField,
    /// What of a state could not be read; it is saved back.
    unread: Unread,
    stored: Box<[Stored]>,
    /// What the audio thread looks at in every block, in the hosts' order.
    presses: Box<[(Press, usize, Presses)]>,
    mix: Box<[(HostParam, usize, SetMix)]>,
    sound: Box<[(HostParam, SetSound)]>,
}

type SetSound = fn(&mut SoundControls, usize, f32);

impl DrumParams {
    /// All at their defaults.
    #[must_use]
    pub fn new(session: SessionField) -> Self {
        let mut presses = Vec::new();
        let mut mix = Vec::new();
        let mut sound: Vec<(HostParam, SetSound)> = Vec::new();
        let mut stored = Vec::new();
        for param in HostParam::all() {
            let (told, lane) = (Presses::default(), param.lane().unwrap_or(0));
            stored.push(Stored::new(param, &told));
            match param.row().holds {
                Holds::Press(press) => presses.push((press, lane, told)),
                Holds::Mix(set) => mix.push((param, lane, set)),
                Holds::Sound { set, .. } if param.lane().is_none() => sound.push((param, set)),
                Holds::Sound { .. } | Holds::Session { .. } | Holds::Changes => {}
            }
        }
        session.forgets_when_loaded(presses.iter().map(|(.., told)| told.clone()).collect());
        let unread = Unread::new(session.runtime().clone());
        Self {
            session,
            unread,
            stored: stored.into(),
            presses: presses.into(),
            mix: mix.into(),
            sound: sound.into(),
        }
    }

    /// The plain value of a parameter.
    #[must_use]
    pub fn value(&self, param: HostParam) -> f32 {
        self.stored.get(param.index()).map_or_else(|| param.default(), Stored::plain)
    }

    /// What they hold of the session.
    #[must_use]
    pub fn controls(&self) -> Controls {
        HostParam::controls(|param| self.value(param))
    }

    /// Sets what they hold of the engine. Audio thread.
    pub fn apply(&self, mix: &mut MixState) {
        for (param, lane, set) in &self.mix {
            set(mix, *lane, self.value(*param));
        }
        let mut sound = SoundControls { bus: mix.bus, ..SoundControls::NONE };
        for (param, set) in &self.sound {
            set(&mut sound, 0, self.value(*param));
        }
        mix.bus = sound.bus;
    }

    /// Everything that was pressed since this was last asked, with its lane, 0 for what is of none. Audio
    /// thread.
    pub fn take_presses(&self) -> impl Iterator<Item = (Press, usize)> {
        self.presses.iter().filter(|(.., told)| told.take()).map(|(press, lane, _)| (*press, *lane))
    }

    /// Forgets presses from before anything could be heard.
    pub fn release(&self) {
        self.presses.iter().for_each(|(.., told)| told.release());
    }

    /// Tells the host that a person takes hold of a parameter. Window's thread.
    pub fn begin(&self, context: &GuiContext, param: HostParam) {
        let Some(stored) = self.stored.get(param.index()) else { return };
        with!(stored, of => context.param_setter().begin_set_parameter(of));
    }

    /// Sets a parameter through the host, between [`DrumParams::begin`] and [`DrumParams::end`]. Window's
    /// thread.
    pub fn set(&self, context: &GuiContext, param: HostParam, plain: f32) {
        let (setter, plain) = (context.param_setter(), param.sanitized(plain));
        match self.stored.get(param.index()) {
            Some(Stored::Number(of)) => setter.set_parameter(&**of, plain),
            Some(Stored::Count(of)) => setter.set_parameter(&**of, plain as i32),
            Some(Stored::Switch(of)) => setter.set_parameter(&**of, plain > 0.5),
            Some(Stored::Choice(of)) => setter.set_parameter(without_list(&**of), plain as i32),
            None => {}
        }
    }

    /// Gives a parameter a value at once, whether or not a host processes; nobody is told. Not the audio
    /// thread.
    pub fn put(&self, param: HostParam, plain: f32) {
        let plain = param.sanitized(plain);
        let (pointer, normalized) = match self.stored.get(param.index()) {
            Some(Stored::Number(of)) => (of.as_ptr(), of.preview_normalized(plain)),
            Some(Stored::Count(of)) => (of.as_ptr(), of.preview_normalized(plain as i32)),
            Some(Stored::Switch(of)) => (of.as_ptr(), of.preview_normalized(plain > 0.5)),
            Some(Stored::Choice(of)) => {
                let of = without_list(&**of);
                (of.as_ptr(), of.preview_normalized(plain as i32))
            }
            None => return,
        };
        #[expect(
            unsafe_code,
            reason = "the framework's setters are marked unsafe so that only wrappers use them"
        )]
        // SAFETY: `self` holds what it points to. It stores atomics and calls the parameter's callback, which
        // stores atomics too; any thread may do so while the audio thread reads them.
        unsafe {
            pointer._internal_set_normalized_value(normalized);
        }
    }

    /// Tells the host that a parameter was let go. Window's thread.
    pub fn end(&self, context: &GuiContext, param: HostParam) {
        let Some(stored) = self.stored.get(param.index()) else { return };
        with!(stored, of => context.param_setter().end_set_parameter(of));
    }

    /// Lays them out for hardware controllers.
    pub fn remote_controls(&self, context: &mut impl RemoteControlsContext) {
        context.add_section("DeepDrummer", |section| {
            for page in Page::ALL {
                section.add_page(page.name(), |on| {
                    for place in page.places() {
                        match place.and_then(|param| self.stored.get(param.index())) {
                            Some(stored) => with!(stored, of => on.add_param(of)),
                            None => on.add_spacer(),
                        }
                    }
                });
            }
        });
    }
}

#[expect(unsafe_code, reason = "the framework's trait is unsafe")]
// SAFETY: every pointer is to a parameter behind a box or an Arc of its own, which lives unmoved as long as
// `self` does.
unsafe impl Params for DrumParams {
    fn param_map(&self) -> Vec<(String, ParamPtr, String)> {
        let pointer = |stored: &Stored| with!(stored, of => of.as_ptr());
        HostParam::all()
            .zip(&self.stored)
            .map(|(param, stored)| (param.id(), pointer(stored), param.group()))
            .collect()
    }

    fn serialize_fields(&self) -> BTreeMap<String, String> {
        let mut fields = self.unread.serialize_fields();
        // A string always has a form in JSON.
        if let Ok(text) = PersistentField::map(&self.session, serialize_field::<String>) {
            fields.insert(FIELD.to_owned(), text);
        }
        fields
    }

    fn deserialize_fields(&self, serialized: &BTreeMap<String, String>) {
        if let Some(text) = serialized.get(FIELD).and_then(|text| deserialize_field::<String>(text).ok()) {
            PersistentField::set(&self.session, text);
        }
        self.unread.deserialize_fields(serialized);
    }
}

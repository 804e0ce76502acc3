//! The session: single owner of truth. A [`Command`] goes in, [`Effect`]s come out.
//!
//! Worker thread. Synchronous: no threads, files or clock in here, so that a session can be replayed:
//! same document, same commands, same kit give the same loops. Everything that reaches beyond memory
//! is an effect that [`crate::runtime`] carries out.

mod arrange;
mod blind;
pub mod choices;
pub mod clip;
mod clip_beat;
mod clip_feel;
pub mod command;
mod controls;
pub mod doc;
mod edit;
mod effect;
pub mod foreign;
pub mod history;
pub mod human;
mod inbox;
mod judge;
mod listening;
mod mapping;
pub mod merge;
pub mod midi_map;
mod mix;
mod next;
mod notices;
mod playing;
pub mod preset;
mod queue;
mod ranking;
mod references;
pub mod riff;
mod snapshot;
pub mod song;
pub mod sounds;
mod stage;
mod stock;
mod teaching;
mod timeline;
mod undo;
pub mod view;
mod whose;
pub mod why;

#[cfg(test)]
mod tests;

use crate::features::Directions;
use crate::kit::Kit;
use crate::pattern::{Loop, Role};
use crate::propose::{Onsets, Proposal, Steering};
use crate::taste::blind::BlindResult;
use crate::taste::reference::Reference;
use crate::taste::{Log, LoopId};
use crate::units::Seed;
use blind::Blind;
use choices::Origin;
use clip::ClipFeel;
use command::{BusSettings, Command, Enter, ExportSettings, KitChoice, LoopAction, Strategy};
use doc::{Document, DocumentError, LaneDoc, Reading, Unread};
use history::History;
use inbox::Inbox;
use merge::merged;
use midi_map::{MapChange, MidiMap, OwnMaps};
use notices::Notices;
use preset::Library;
use queue::{Insight, Queue};
use ranking::Ranking;
use riff::Riff;
use song::Song;
use stage::Stage;
use std::collections::VecDeque;
use std::sync::Arc;
use stock::Stock;
use teaching::Teaching;
use undo::{Change, Undo};
use view::{Exported, ProfileView, Settings, Severity};
use whose::Whose;

pub use controls::{Controls, ForTheHost, SoundControls};

pub use effect::Effect;
pub(crate) use effect::{PresetChange, ProfileChange};

/// Loops that wait behind the current one once the worker is at rest.
pub(crate) const QUEUE: usize = 2;
/// A session. See the module's documentation.
pub struct Session {
    seed: Seed,
    origin: Origin,
    library: Arc<Library>,
    stage: Stage,
    profile: ProfileView,
    any_sample: bool,
    lanes: Vec<LaneDoc>,
    bus: BusSettings,
    levelled: bool,
    /// See [`human`].
    human: f32,
    /// The clip whose feel loops are played with.
    clip_feel: Option<Arc<ClipFeel>>,
    steering: Steering,
    strategy: Strategy,
    enter: Enter,
    history: History,
    song: Song,
    queue: Queue,
    insight: Insight,
    teaching: Teaching,
    undo: Undo,
    /// What the person makes.
    directions: Directions,
    /// Whose taste counts beside the person's.
    whose: Whose,
    /// What the person brought along.
    references: Vec<Reference>,
    /// The blind test under way, and how the last one went.
    blind: Option<Blind>,
    blind_result: Option<BlindResult>,
    /// Loops that were found while nobody asked for any.
    inbox: Inbox,
    /// Sounds for the lane that the window shows.
    ranking: Ranking,
    stock: Stock,
    export: ExportSettings,
    /// The project's drum map; `None` has that of the machine.
    midi_map: Option<MidiMap>,
    own_maps: Arc<OwnMaps>,
    /// What is played beside the loop, the last note of this run of the song, and whether there are notes that the
    /// view does not have.
    riff: Riff,
    riff_at: Option<(i32, f32)>,
    riff_news: bool,
    /// The notes that what waits goes along with.
    followed: Onsets,
    settings: Settings,
    exported: VecDeque<Exported>,
    notices: Notices,
    audition: bool,
    muted_after_drag: bool,
    /// What the next MIDI key that is pressed will say from then on.
    learns_key: Option<LoopAction>,
    /// What could not be read, to be saved back untouched until the person changes something.
    kept: Option<String>,
    /// Parts of the project that could not be read; they go along.
    unread: Unread,
    /// Grows whenever the document changes.
    revision: u64,
    view_revision: u64,
}

impl Session {
    /// A session from a document. It is silent until [`Session::set_kit`].
    #[must_use]
    pub fn new(document: Document) -> Self {
        let mut teaching = Teaching::new(document.judgements, document.next_serial);
        teaching.set_project_share(document.project_share);
        Self {
            seed: document.seed,
            origin: Origin {
                kit: document.kit,
                learner_seed: document.learner_seed,
                preset: document.preset,
            },
            library: Library::factory(),
            stage: Stage::default(),
            profile: ProfileView { name: document.profile, all: Vec::new() },
            any_sample: document.any_sample,
            lanes: document.lanes,
            bus: document.bus,
            levelled: document.levelled,
            human: document.human,
            clip_feel: document.clip_feel.map(Arc::new),
            steering: document.steering,
            strategy: document.strategy,
            enter: document.enter,
            history: document.history,
            song: document.song,
            queue: Queue::new(),
            insight: Insight::new(),
            teaching,
            undo: Undo::default(),
            directions: document.directions,
            whose: Whose::new(document.friend),
            references: document.references,
            blind: None,
            blind_result: document.blind,
            inbox: Inbox::new(document.inbox),
            ranking: Ranking::default(),
            stock: Stock::new(document.samples, document.mono),
            export: ExportSettings::default(),
            midi_map: document.midi_map,
            own_maps: Arc::default(),
            followed: document.riff.onsets(document.steering.grid),
            riff: document.riff,
            riff_at: None,
            riff_news: false,
            settings: Settings::default(),
            exported: VecDeque::new(),
            notices: Notices::default(),
            audition: false,
            muted_after_drag: false,
            learns_key: None,
            kept: None,
            unread: document.unread,
            revision: 1,
            view_revision: 0,
        }
    }

    /// A session from saved text. What can't be read gives a notice; of a text that can't be read at all
    /// there is a working default session. The text is saved back untouched until the person changes
    /// something, and what was read of it from then on, along with the parts that were not.
    #[must_use]
    pub fn from_text(text: &str, seed: Seed, lanes: &[Role]) -> Self {
        match Document::read_whole(text) {
            Ok(Reading { document, missed, has_levels }) => {
                let mut session = Self::new(document);
                if !has_levels {
                    session.notify(
                        Severity::Info,
                        "This project is from before loops were levelled and went through a drum bus.",
                        "It sounds as it did. Switch both on where you like, on the page Sound.",
                    );
                }
                if !missed.is_empty() {
                    session.kept = Some(text.to_owned());
                    session.notify(
                        Severity::Warning,
                        format!(
                            "Some of this project can't be read by this DeepDrummer: {}.",
                            missed.join(", ")
                        ),
                        "Everything else is here. What can't be read stays in the project as it is.",
                    );
                }
                session
            }
            Err(error) => {
                let mut session = Self::new(Document::new(seed, lanes));
                session.kept = Some(text.to_owned());
                let next_step = match error {
                    DocumentError::Newer(_) => "Update DeepDrummer to open it. It is kept as it is.",
                    DocumentError::Malformed(_)
                    | DocumentError::LimitReached(_)
                    | DocumentError::Unwritable(_) => {
                        "A new session was started. The old state is kept until you change something."
                    }
                };
                session.notify(Severity::Error, error.to_string(), next_step);
                session
            }
        }
    }

    /// The session's lasting content as text: what could not be read if it must be kept, else the
    /// document. Same session, same bytes.
    ///
    /// # Errors
    /// No text that could be read again can be made: what was saved before must stay.
    pub fn text(&self) -> Result<String, DocumentError> {
        if let Some(kept) = &self.kept {
            return Ok(kept.clone());
        }
        let mut document = self.document();
        document.write().or_else(|error| {
            // Sounds that have files need not be carried too.
            let carried = document.samples.iter_mut().filter(|sample| sample.path.is_some());
            let dropped = carried.filter_map(|sample| sample.embedded.take()).count();
            if dropped > 0 { document.write() } else { Err(error) }
        })
    }

    /// The session's lasting content.
    #[must_use]
    pub fn document(&self) -> Document {
        Document {
            seed: self.seed,
            learner_seed: self.origin.learner_seed,
            kit: self.origin.kit.clone(),
            preset: self.origin.preset.clone(),
            mono: self.stock.mono,
            profile: self.profile.name.clone(),
            any_sample: self.any_sample,
            steering: self.steering,
            strategy: self.strategy,
            enter: self.enter,
            lanes: self.lanes.clone(),
            bus: self.bus,
            levelled: self.levelled,
            human: self.human,
            clip_feel: self.clip_feel.as_deref().cloned(),
            samples: self.used_samples(),
            history: self.history.clone(),
            song: self.song.clone(),
            judgements: self.teaching.log().entries().to_vec(),
            next_serial: self.teaching.next_serial(),
            directions: self.directions,
            references: self.references.clone(),
            blind: self.blind_result,
            inbox: self.inbox.loops().to_vec(),
            project_share: self.teaching.project_share(),
            friend: self.whose.friend().cloned(),
            midi_map: self.midi_map.clone(),
            riff: self.riff.clone(),
            unread: self.unread.clone(),
        }
    }

    /// Grows whenever [`Session::text`] may have changed.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Takes the document's changes as known.
    fn touch(&mut self) {
        self.revision += 1;
    }

    /// Carries a command out.
    pub fn apply(&mut self, command: Command) -> Vec<Effect> {
        if command.changes_the_project() {
            self.kept = None;
            self.inbox.wake();
        }
        if let Some((id, is_heard)) = command.of_a_loop() {
            self.take_in(id, is_heard);
        }
        self.touch();
        match command {
            Command::Rate { id, verdict } => self.rate(id, verdict),
            Command::Skip { id, within_first_bar } => self.skip(id, within_first_bar),
            Command::Back => self.back(),
            Command::Forward => self.forward(),
            Command::Recall(id) => self.recall(id),
            Command::Star(id, on) => self.star(id, on),
            Command::Forget(id) => self.forget(id),
            Command::DismissFound(id) => self.dismiss_found(id),
            Command::EditHit { lane, step, hit } => self.edit_hit(lane.into(), step.into(), hit),
            Command::EditLane { lane, hits } => self.edit_lane(lane.into(), &hits),
            Command::EditCells(cells) => self.edit_cells(&cells),
            Command::SetCourse { lane, course } => self.set_course(lane.into(), course),
            Command::ThrowChances => self.throw_chances(),
            Command::EndGesture => {
                self.undo.close();
                Vec::new()
            }
            Command::SetMix { lane, mix } => self.set_mix(lane.into(), mix),
            Command::SetShape { lane, shape } => self.set_shape(lane.into(), shape),
            Command::SetBus(bus) => self.set_bus(bus),
            Command::SetLevelled(on) => self.set_levelled(on),
            Command::SetHuman(amount) => self.set_human(amount),
            Command::ThrowFeel => self.throw_feel(),
            Command::SetAsWritten(lane, on) => self.set_as_written(lane.into(), on),
            Command::SetRole { lane, role } => self.set_role(lane.into(), role),
            Command::SetLaneCount(count) => self.set_lane_count(count.into()),
            Command::LockBeat(lane, on) => {
                self.lock(lane.into(), if on { "Lock beat" } else { "Free beat" }, |lane| lane.lock_beat = on)
            }
            Command::LockSound(lane, on) => {
                self.lock(lane.into(), if on { "Lock sound" } else { "Free sound" }, |lane| {
                    lane.lock_sound = on
                })
            }
            Command::LockSteps(lane, mask) => {
                self.lock(lane.into(), "Lock steps", |lane| lane.locked_steps = mask)
            }
            Command::RerollLane(lane) => self.reroll_lane(lane.into()),
            Command::StepSample { lane, delta } => self.step_sample(lane.into(), delta),
            Command::SetSample(lane, sample) => {
                let _ = self.try_sound(None);
                self.set_sample(lane.into(), sample, "Change sound")
            }
            Command::RankSounds(lane) => self.rank_sounds(lane.map(usize::from)),
            Command::TrySound(sound) => self.try_sound(sound.map(|(lane, sample)| (lane.into(), sample))),
            Command::LoadSample(lane, path) => {
                vec![Effect::LoadSample { lane: lane.into(), path, replaces: None }]
            }
            Command::SetMono(on) => self.set_mono(on),
            Command::CorrectRole(id, role) => vec![Effect::CorrectRole(id, role)],
            Command::Locate(id, path) => vec![Effect::LoadSample { lane: 0, path, replaces: Some(id) }],
            Command::Steer(steering) => self.steer(steering),
            Command::SetStrategy(strategy) => {
                let before = std::mem::replace(&mut self.strategy, strategy);
                if before != strategy {
                    self.undo.push("Change strategy", vec![Change::Strategy { before, after: strategy }]);
                    self.queue.spoil();
                }
                Vec::new()
            }
            Command::PlayClip(path) => vec![Effect::ReadBeat(path)],
            Command::TakeFeel(path) => vec![Effect::ReadFeel(path)],
            Command::DropFeel => self.drop_clip_feel(),
            Command::BringReference { path, kind } => self.bring(path, kind),
            Command::SetReference { at, kind, weight } => self.set_reference(at, kind, weight),
            Command::RemoveReference(at) => self.remove_reference(at),
            Command::BlindTest(true) => self.start_blind(),
            Command::BlindTest(false) => {
                self.end_blind();
                Vec::new()
            }
            Command::TryBack(after) => self.try_back(after),
            Command::KeepBack => self.keep_back(),
            Command::StartAfresh => self.start_afresh(),
            Command::SetProjectShare(share) => self.set_project_share(share),
            Command::BringFriend(path) => vec![Effect::ReadFriend(path)],
            Command::BringProfile(name) => self.profile_change(ProfileChange::Befriend(name)),
            Command::SetFriend { share, together } => self.set_friend(share, together),
            Command::RemoveFriend => self.remove_friend(),
            Command::DuplicateProfile(name) => self.profile_change(ProfileChange::Duplicate(name)),
            Command::SetDirections(directions) => self.set_directions(directions),
            Command::MoreLikeThis(nearness) => self.more_like_this(nearness),
            Command::Lift(of) => self.lift(of),
            Command::Undo => self.undo(),
            Command::Redo => self.redo(),
            Command::SetEnter(enter) => {
                self.enter = enter;
                // Sections enter so too.
                if self.song.sections.is_empty() { Vec::new() } else { vec![Effect::Refresh] }
            }
            Command::ChooseKit(mut choice) => {
                if let KitChoice::Folders(folders) = &mut choice {
                    // More than a document may hold would make the project unreadable.
                    folders.truncate(doc::MOST_FOLDERS);
                }
                self.leave_stage();
                let before = std::mem::replace(&mut self.origin.kit, choice.clone());
                self.undo.push("Change kit", vec![Change::Kit { before, after: choice.clone() }]);
                vec![Effect::LoadKit(choice)]
            }
            Command::ChooseProfile(name) => self.profile_change(ProfileChange::Choose(name)),
            Command::RenameProfile(name) => self.profile_change(ProfileChange::Rename(name)),
            Command::ExportProfile(path) => vec![Effect::Profile(ProfileChange::Export(path))],
            Command::ImportProfile(path) => vec![Effect::Profile(ProfileChange::Import(path))],
            Command::Export { ticket, id, kind, to, dragged } => self.export(ticket, id, kind, to, dragged),
            Command::ExportMany { ticket, which, to } => self.export_many(ticket, which, to),
            Command::SetExport(export) => {
                let before = self.note_map();
                self.export = export;
                if before == self.note_map() {
                    vec![Effect::SaveSettings]
                } else {
                    vec![Effect::SaveSettings, Effect::Mix]
                }
            }
            Command::SetMidiMap(map) => self.set_midi_map(map),
            Command::SetRiff(riff) => self.set_riff(riff, "Notes to follow"),
            Command::ClearRiff => {
                self.set_riff(Riff { notes: Vec::new(), ..self.riff.clone() }, "Clear the heard notes")
            }
            Command::HoldRiff(hold) => {
                let label = if hold { "Hold the heard notes" } else { "Listen again" };
                self.set_riff(Riff { hold, ..self.riff.clone() }, label)
            }
            Command::SetRiffBars(bars) => {
                self.set_riff(Riff { bars, ..self.riff.clone() }, "Bars to listen to")
            }
            Command::SaveMidiMap(name) => self.save_midi_map(name),
            Command::RemoveMidiMap(name) => vec![Effect::Maps(MapChange::Remove(name))],
            Command::ReadMidiMaps => vec![Effect::Maps(MapChange::Read)],
            Command::Audition(on) => {
                self.audition = on;
                vec![Effect::Audition(on)]
            }
            Command::Unmute => {
                self.muted_after_drag = false;
                vec![Effect::Mix]
            }
            Command::ChangeExport { from, to } => {
                let export = merged(&from, &to, &self.export);
                self.apply(Command::SetExport(export))
            }
            Command::ChangeSettings { from, to } => {
                let settings = merged(&from, &to, &self.settings);
                self.apply(Command::SetSettings(settings))
            }
            Command::SetSettings(settings) => {
                self.stock.forget_attempts();
                let before = std::mem::replace(&mut self.settings, settings);
                if before.rating_keys == self.settings.rating_keys {
                    vec![Effect::SaveSettings]
                } else {
                    vec![Effect::SaveSettings, Effect::Mix]
                }
            }
            Command::LearnKey(said) => {
                self.learns_key = said;
                vec![Effect::Mix]
            }
            Command::KeyHeard(key) => {
                let Some(said) = self.learns_key.take() else { return vec![Effect::Mix] };
                self.settings.rating_keys = self.settings.rating_keys.with(said, Some(key.min(127)));
                vec![Effect::SaveSettings, Effect::Mix]
            }
            Command::LoadPreset(id) => self.load_preset(id),
            Command::SavePreset { name, category, replace } => self.save_preset(name, category, replace),
            Command::RenamePreset { from, to } => {
                vec![Effect::Presets(PresetChange::Rename { from, to })]
            }
            Command::RemovePreset(name) => vec![Effect::Presets(PresetChange::Remove(name))],
            Command::RestorePreset(name) => vec![Effect::Presets(PresetChange::Restore(name))],
            Command::FavouritePreset(id, on) => vec![Effect::Presets(PresetChange::Favourite(id, on))],
            Command::ReadPresets => vec![Effect::Presets(PresetChange::Read)],
            Command::Dismiss(id) => {
                self.notices.dismiss(id);
                Vec::new()
            }
            Command::Song(command) => self.change_song(command),
        }
    }

    fn profile_change(&mut self, change: ProfileChange) -> Vec<Effect> {
        if let ProfileChange::Choose(name) | ProfileChange::Rename(name) = &change {
            self.profile.name = name.chars().filter(|c| !c.is_control()).take(64).collect();
        }
        vec![Effect::Profile(change)]
    }

    /// Tells the person something; what is longer than 600 characters is cut.
    pub(crate) fn notify(
        &mut self,
        severity: Severity,
        text: impl Into<String>,
        next_step: impl Into<String>,
    ) {
        if self.notices.add(severity, text.into(), next_step.into()) {
            self.touch();
        }
    }

    /// The current loop's identity and content.
    #[must_use]
    pub fn current(&self) -> Option<(LoopId, Loop)> {
        self.current_entry().map(|entry| (entry.id, entry.pattern))
    }

    /// A loop of the history, of the song or of the inbox.
    #[must_use]
    pub fn find(&self, id: LoopId) -> Option<&history::Entry> {
        self.entry(id)
    }

    /// The history.
    #[must_use]
    pub fn history(&self) -> &History {
        &self.history
    }

    /// The log of judgements.
    #[must_use]
    pub fn log(&self) -> &Log {
        self.teaching.log()
    }

    /// The lanes' lasting settings.
    #[must_use]
    pub fn lanes(&self) -> &[LaneDoc] {
        &self.lanes
    }

    /// Loops that wait, the next one first.
    pub fn queue(&self) -> impl ExactSizeIterator<Item = &Proposal> {
        self.queue.iter()
    }

    /// The root of the session's randomness.
    #[must_use]
    pub fn seed(&self) -> Seed {
        self.seed
    }

    /// Which kit the session wants.
    #[must_use]
    pub(crate) fn kit_choice(&self) -> &KitChoice {
        &self.origin.kit
    }

    /// The kit in use, once there is one.
    #[must_use]
    pub fn kit(&self) -> Option<&Arc<Kit>> {
        self.stock.kit.as_ref()
    }

    /// Whether the pattern is silent since it was dragged away.
    #[must_use]
    pub(crate) fn is_muted_after_drag(&self) -> bool {
        self.muted_after_drag
    }

    /// Whether the next MIDI key is waited for.
    #[must_use]
    pub fn learns_key(&self) -> bool {
        self.learns_key.is_some()
    }

    /// How exports are made.
    #[must_use]
    pub fn export_settings(&self) -> &ExportSettings {
        &self.export
    }

    /// Machine settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Sets what is remembered per machine: at start, and as other instances changed it.
    pub(crate) fn set_machine(&mut self, settings: Settings, export: ExportSettings) {
        self.settings = settings;
        self.export = export;
        self.touch();
    }

    /// The steering in use.
    #[must_use]
    pub fn steering(&self) -> Steering {
        self.steering
    }

    /// When the next loop enters.
    #[must_use]
    pub fn enter(&self) -> Enter {
        self.enter
    }

    /// Whether the transport may be ignored.
    #[must_use]
    pub(crate) fn is_auditioning(&self) -> bool {
        self.audition
    }
}

//! What the editor draws: one immutable snapshot, published after every change.
//!
//! Made by the worker, read by the editor. Holds no truth; nothing here is ever read back.

pub use super::choices::Settings;
use super::choices::{ExportSettings, PresetId, Strategy};
use super::controls::{ForTheHost, SoundForTheHost};
use super::midi_map::{MidiMap, OwnMaps};
use super::preset::Library;
use super::song::Dials;
use crate::engine::{BusSettings, Enter, LaneMix, LaneShape, LoopAction};
use crate::features::Directions;
use crate::pattern::{Loop, Role, SampleId};
use crate::propose::sections::Maker;
use crate::propose::{Attribution, Onsets, Prediction, RhythmShare, Statement, Steering};
use crate::song::Fills;
use crate::taste::LoopId;
use crate::taste::blind::BlindResult;
use crate::taste::friend::Together;
use crate::taste::reference::ReferenceKind;
use std::path::PathBuf;
use std::sync::Arc;

/// Everything a window shows, but for meters and the playhead (see `engine::Meters`).
#[derive(Clone, Debug)]
pub struct View {
    /// Grows with every published view.
    pub revision: u64,
    /// The loop that is current: it plays, and edits go to it.
    pub current: LoopView,
    /// One entry a lane.
    pub lanes: Vec<LaneView>,
    /// What was learned.
    pub taste: TasteView,
    /// Steering as the session has it.
    pub steering: Steering,
    /// Which loops come next.
    pub strategy: Strategy,
    /// Past loops, oldest first, the current one among them; at most 256.
    pub history: Vec<HistoryView>,
    /// Loops that wait, the next one first.
    pub queue: Vec<Arc<Loop>>,
    /// What the worker is doing.
    pub worker: WorkerView,
    /// What went wrong or deserves a word, oldest first; at most 8.
    pub notices: Vec<Notice>,
    /// The kit in use.
    pub kit: KitView,
    /// The taste profile in use.
    pub profile: ProfileView,
    /// The presets of this machine.
    pub presets: PresetsView,
    /// Steering that the host's parameters shall have: whoever shows this view to a person sets them.
    pub for_the_host: Option<ForTheHost>,
    /// Sound that the host's parameters shall follow, until they have.
    pub sound_for_the_host: Option<SoundForTheHost>,
    /// The drum bus.
    pub bus: BusSettings,
    /// Loops come at one loudness, and lanes at the level and place of their role.
    pub levelled: bool,
    /// How much of a drummer's feel loops are played with, 0 to 1.
    pub human: f32,
    /// The name of the clip whose feel that is; `None` where it is a drummer's.
    pub clip_feel: Option<String>,
    /// When the next loop enters.
    pub enter: Enter,
    /// Where and how loops are exported.
    pub export: ExportSettings,
    /// The project's drum map; `None` has that of the machine, in `export`.
    pub midi_map: Option<MidiMap>,
    /// The person's drum maps of this machine.
    pub own_maps: Arc<OwnMaps>,
    /// What is played beside the loop.
    pub riff: RiffView,
    /// Results of the last export, newest last, at most 8: absolute paths of written files.
    pub exported: Vec<Exported>,
    /// Whether undo has something to undo, and its name.
    pub undo: Option<String>,
    /// Whether redo has something to redo, and its name.
    pub redo: Option<String>,
    /// The loop plays although the host's transport is stopped.
    pub audition: bool,
    /// The engine is silent because the loop was dragged into the arrangement.
    pub muted_after_drag: bool,
    /// Settings that are remembered per machine.
    pub settings: Settings,
    /// The next MIDI key that is pressed will say this (`Command::LearnKey`).
    pub learns_key: Option<LoopAction>,
    /// The sections and their arrangement.
    pub song: SongView,
    /// Loops that were found while nobody asked for any.
    pub inbox: InboxView,
    /// Sounds for the lane that the window said it shows; `None` while they are not known.
    pub ranking: Option<RankingView>,
}

/// Sounds for a lane of the current loop, by how likely the person likes the loop with each.
#[derive(Clone, Debug)]
pub struct RankingView {
    /// The lane.
    pub lane: usize,
    /// The likeliest first, at most 40.
    pub sounds: Vec<RankedSoundView>,
}

/// One of them.
#[derive(Clone, Debug)]
pub struct RankedSoundView {
    /// The sound: `Command::TrySound` plays it in the loop, `Command::SetSample` puts it on the lane.
    pub sample: SampleId,
    /// Its name.
    pub name: String,
    /// Waveform thumbnail, 64 peaks, 0 to 255.
    pub peaks: Arc<[u8]>,
    /// P(like) of the loop with it, 0 to 1.
    pub p_like: f32,
    /// The lane has it.
    pub is_used: bool,
    /// It is heard on trial.
    pub is_tried: bool,
}

/// Good loops that were found while nothing played.
#[derive(Clone, Debug, Default)]
pub struct InboxView {
    /// At most 30, each at its place until a better one takes that.
    pub loops: Vec<FoundView>,
}

/// One of them.
#[derive(Clone, Debug)]
pub struct FoundView {
    /// Its identity: `Command::Recall` plays it, `Command::Rate` rates it, `Command::Export` takes it away.
    pub id: LoopId,
    /// Its loop.
    pub pattern: Arc<Loop>,
    /// What the critic thinks of it; `None` during a blind test.
    pub prediction: Option<Prediction>,
    /// Liked, disliked or not rated.
    pub verdict: Option<bool>,
    /// It is the current loop.
    pub is_current: bool,
}

/// What is played beside the loop.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RiffView {
    /// On which steps of the current loop its notes begin.
    pub onsets: Onsets,
    /// Bars that are remembered.
    pub bars: u8,
    /// It stays as it is.
    pub hold: bool,
    /// Notes that are remembered.
    pub notes: usize,
}

/// The song.
#[derive(Clone, Debug, Default)]
pub struct SongView {
    /// Its sections, in order; they are numbered from 1.
    pub sections: Vec<SectionView>,
    /// The section of each bar, 0 for silence.
    pub strip: Vec<u8>,
    /// The arrangement plays while a section is the current loop.
    pub arranged: bool,
    /// It comes again after its last bar.
    pub looped: bool,
    /// The bar of the song on which it begins, from 0.
    pub offset: i32,
    /// A fill every so many bars.
    pub fills: Fills,
    /// How far and how busy sections are made.
    pub dials: Dials,
    /// What new sections are made of, by name; `None` where that is the current loop.
    pub source: Option<String>,
}

impl SongView {
    /// Whether the arrangement plays.
    #[must_use]
    pub fn plays_arrangement(&self) -> bool {
        self.arranged && !self.strip.is_empty() && self.sections.iter().any(|section| section.chosen)
    }
}

/// A section.
#[derive(Clone, Debug)]
pub struct SectionView {
    /// Its loop's identity.
    pub id: LoopId,
    /// Its name.
    pub name: String,
    /// How it was made.
    pub maker: Maker,
    /// Its loop.
    pub pattern: Arc<Loop>,
    /// Loops that it takes turns with, itself among them.
    pub variants: usize,
    /// What the critic thinks of it.
    pub prediction: Option<Prediction>,
    /// Liked, disliked or not rated.
    pub verdict: Option<bool>,
    /// It is the current loop.
    pub chosen: bool,
    /// It keeps sounds of its own.
    pub frees_sounds: bool,
    /// How much happens in each of its bars, 0 to 1.
    pub energy: Vec<f32>,
}

/// The current loop.
#[derive(Clone, Debug)]
pub struct LoopView {
    /// Its identity.
    pub id: LoopId,
    /// Its running number in this session, from 1 ("0042" in file names).
    pub number: u32,
    /// What plays.
    pub pattern: Loop,
    /// Whether the person changed it since it was proposed.
    pub edited: bool,
    /// The person's verdict so far.
    pub verdict: Option<bool>,
    /// The person's verdict on the rhythm alone.
    pub rhythm_verdict: Option<bool>,
    /// The person's verdict on the sounds alone.
    pub sound_verdict: Option<bool>,
    /// What the critic thinks; `None` while it is not known.
    pub prediction: Option<Prediction>,
    /// What each hit and sound adds to P(like); `None` while it is not known.
    pub attribution: Option<Arc<Attribution>>,
    /// The one change that lifts P(like) most; `Command::Lift` applies it.
    pub lift: Option<LiftView>,
}

/// A change that is proposed.
#[derive(Clone, Debug, PartialEq)]
pub struct LiftView {
    /// For example "Kick: add step 11".
    pub text: String,
    /// P(like) after it less P(like) now, above 0.
    pub gain: f32,
}

/// One lane.
#[derive(Clone, Debug)]
pub struct LaneView {
    /// What it is for.
    pub role: Role,
    /// The sample.
    pub sample: SampleId,
    /// Its name; empty where the lane has none.
    pub sample_name: String,
    /// Whether the sample could not be found and another one plays in its place.
    pub missing: bool,
    /// The sample is the person's own, not the factory's, and what it is can be corrected.
    pub is_own: bool,
    /// Waveform thumbnail, 64 peaks, 0 to 255.
    pub peaks: Arc<[u8]>,
    /// How long the sound is, seconds, unshaped.
    pub seconds: f32,
    /// The mixer's settings.
    pub mix: LaneMix,
    /// How the sound is shaped.
    pub shape: LaneShape,
    /// Locked cells (bit = step).
    pub locked_steps: u128,
    /// It is played as it is written, whatever the dial for feel says.
    pub as_written: bool,
    /// The whole rhythm is locked.
    pub lock_beat: bool,
    /// The sample is locked.
    pub lock_sound: bool,
}

/// What was learned. Numbers are this project's; statements also come from other projects that share
/// the profile.
#[derive(Clone, Debug, Default)]
pub struct TasteView {
    /// Likes so far.
    pub likes: usize,
    /// Dislikes so far.
    pub dislikes: usize,
    /// Strongest first, at most 6.
    pub statements: Vec<Statement>,
    /// Share of liked among the last ten, after each rating; 0 to 1, at most 64 points.
    pub curve: Vec<f32>,
    /// The rating that the others contradict most, where it is worth asking again.
    pub reask: Option<LoopId>,
    /// How much of the verdicts the rhythm explains; the sounds explain the rest. `None` before any judgement.
    pub rhythm: Option<RhythmShare>,
    /// What was said of loops, oldest first: as far back as the curve.
    pub said: Vec<SaidView>,
    /// The blind test.
    pub blind: BlindView,
    /// How right predictions were of late; `None` after few ratings.
    pub honesty: Option<Honesty>,
    /// What the person brought along.
    pub references: Vec<ReferenceView>,
    /// What the person makes.
    pub directions: Directions,
    /// Whose taste counts.
    pub whose: WhoseView,
}

/// Whose taste counts.
#[derive(Clone, Debug, PartialEq)]
pub struct WhoseView {
    /// How much what was said in this project counts, 0 to 1; ½ is as much as what was said in others.
    pub project_share: f32,
    /// A friend's profile beside it.
    pub friend: Option<FriendView>,
}

impl Default for WhoseView {
    fn default() -> Self {
        Self { project_share: crate::taste::friend::PROJECT_SHARE, friend: None }
    }
}

/// A friend's profile.
#[derive(Clone, Debug, PartialEq)]
pub struct FriendView {
    /// Its name.
    pub name: String,
    /// How much it counts, 0 to 1.
    pub share: f32,
    /// How it counts.
    pub together: Together,
    /// How many of its judgements are heard; `None` where it can't be read.
    pub ratings: Option<usize>,
    /// What both like, in words, strongest first, at most 4.
    pub shared: Vec<String>,
}

/// A thumbnail of the history strip.
#[derive(Clone, Debug)]
pub struct HistoryView {
    /// Its identity.
    pub id: LoopId,
    /// Its running number.
    pub number: u32,
    /// What it was.
    pub pattern: Arc<Loop>,
    /// Liked, disliked or not rated.
    pub verdict: Option<bool>,
    /// Marked with a star.
    pub starred: bool,
    /// Whether it is the current loop.
    pub is_current: bool,
    /// Serials of the judgements on it (`Statement::evidence` names them), at most 8.
    pub serials: Vec<u64>,
}

/// What the worker is doing.
#[derive(Clone, Debug, PartialEq)]
pub enum WorkerView {
    /// Not started yet.
    Starting,
    /// Making or scanning sounds.
    Loading {
        /// Sounds done.
        done: usize,
        /// Sounds in all; 0 while that is not known.
        total: usize,
    },
    /// Looking for the next loop.
    Searching,
    /// Loops wait.
    Ready {
        /// How many.
        queued: usize,
    },
    /// It failed and was started again.
    Restarted {
        /// What happened, for a person.
        reason: String,
    },
}

/// How grave a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Good to know.
    Info,
    /// Something does not work as asked.
    Warning,
    /// Something may be lost.
    Error,
}

/// Something that a person should read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// To dismiss it by.
    pub id: u64,
    /// How grave.
    pub severity: Severity,
    /// What happened.
    pub text: String,
    /// What to do about it; may be empty.
    pub next_step: String,
}

/// The kit in use and those to choose from.
#[derive(Clone, Debug, Default)]
pub struct KitView {
    /// Its name.
    pub name: String,
    /// How many sounds it has.
    pub sounds: usize,
    /// Files with several channels are mixed to one.
    pub mono: bool,
    /// Factory kits to choose from; the first stands for all factory sounds together.
    pub factory: Vec<String>,
    /// Folders that were used lately, newest first, at most 8.
    pub recent: Vec<PathBuf>,
    /// Files that could not be used and why, at most 100.
    pub problems: Vec<String>,
    /// Missing samples of this project by name.
    pub missing: Vec<(SampleId, String)>,
}

/// The blind test.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BlindView {
    /// Loops heard and all loops of the test under way.
    pub under_way: Option<(usize, usize)>,
    /// How the last one went.
    pub last: Option<BlindResult>,
}

/// Predictions held against answers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Honesty {
    /// Mean P(like) that was predicted.
    pub claimed: f32,
    /// Share that was liked.
    pub liked: f32,
    /// Over how many ratings.
    pub ratings: usize,
}

/// One like or dislike on the timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SaidView {
    /// The judgement's serial.
    pub serial: u64,
    /// The loop.
    pub id: LoopId,
    /// Like or dislike.
    pub like: bool,
    /// It is set aside while the taste from before it is tried.
    pub aside: bool,
}

/// A reference as it is listed.
#[derive(Clone, Debug, PartialEq)]
pub struct ReferenceView {
    /// The name of its file or folder.
    pub name: String,
    /// Where it was read.
    pub path: PathBuf,
    /// What is loved about it.
    pub kind: ReferenceKind,
    /// How many ratings it counts as.
    pub weight: f32,
    /// Bars that were heard, and sounds.
    pub bars: usize,
    /// See `bars`.
    pub sounds: usize,
}

/// The profile in use and those to choose from.
#[derive(Clone, Debug, Default)]
pub struct ProfileView {
    /// Its name.
    pub name: String,
    /// All profiles of this machine.
    pub all: Vec<String>,
}

/// The presets to choose from, and what became of them.
#[derive(Clone, Debug, Default)]
pub struct PresetsView {
    /// All of them, with the files that can't be read.
    pub library: Arc<Library>,
    /// The preset that the project came from.
    pub current: Option<CurrentPreset>,
    /// The preset that is being loaded.
    pub loading: Option<PresetId>,
    /// The preset of the person's own that was removed last; it can be brought back.
    pub removed: Option<String>,
}

/// The preset that a project came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurrentPreset {
    /// Which.
    pub id: PresetId,
    /// Kit, lanes or steering were changed since, or the preset itself was.
    pub changed: bool,
}

/// A finished export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// The ticket of the command that asked for it.
    pub ticket: u64,
    /// The files in the order of lanes, or one.
    pub files: Vec<PathBuf>,
}

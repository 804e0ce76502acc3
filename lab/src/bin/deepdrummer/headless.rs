//! A session without threads: the same [`Session`] as in the plugin, stepped by hand.

use crate::SessionOptions;
use deepdrummer_core::engine::{LaneShape, Levels};
use deepdrummer_core::export::{self, Destination, MidiTracks, NoteMap, Piece, SongPiece, Tail, Unroll};
use deepdrummer_core::features::Directions;
use deepdrummer_core::features::making::makings;
use deepdrummer_core::import;
use deepdrummer_core::kit::Kit;
use deepdrummer_core::pattern::{Grid, Lane, Loop, Meter, Role};
use deepdrummer_core::propose::{Mode, Proposal, Statement, Steering};
use deepdrummer_core::runtime::presets::Shelf;
use deepdrummer_core::runtime::{Prepared, Sounds, kits, levels_in_song, mix, settings, song_parts};
use deepdrummer_core::session::command::{Command, ExportKind, KitChoice, Riff, SongCommand};
use deepdrummer_core::session::doc::Document;
use deepdrummer_core::session::history::Entry;
use deepdrummer_core::session::preset::{Library, Preset};
use deepdrummer_core::session::song::Section;
use deepdrummer_core::session::view::{KitView, WorkerView};
use deepdrummer_core::session::why::Explanation;
use deepdrummer_core::session::{Effect, Session, SoundControls};
use deepdrummer_core::taste::friend::Together;
use deepdrummer_core::taste::profile::Profile;
use deepdrummer_core::taste::reference::{MOST_REFERENCES, ReferenceKind};
use deepdrummer_core::taste::{LoopId, Source, Verdict};
use deepdrummer_core::units::{Bpm, SampleRate, Seed};
use deepdrummer_lab::baselines::{Contender, learner};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

/// Loops of `sample` that can still be exported; the oldest are forgotten.
const SAMPLED: usize = 4096;

/// A kit, and on standard error what could not be used of it.
fn load_kit(choice: &KitChoice, own: &kits::Own) -> Result<(Arc<Kit>, KitView), String> {
    let loaded = kits::load(choice, own, &AtomicBool::new(false), &|_, _| {});
    let problems = loaded.as_ref().map_or_else(|unusable| &unusable.problems, |(_, view)| &view.problems);
    problems.iter().for_each(|problem| eprintln!("not used: {problem}"));
    Ok(loaded?)
}

/// What is remembered on this machine, and on standard error what of it can't be read.
pub(crate) fn known(home: &Path) -> settings::Machine {
    let (machine, told) = match settings::Machine::read_and_tell(home) {
        Ok((machine, told)) => (machine, told),
        Err(error) => (settings::Machine::default(), Some(error)),
    };
    told.into_iter().for_each(|told| eprintln!("{told}"));
    machine
}

/// The directions of these names.
pub(crate) fn directions<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Directions, String> {
    Directions::of_names(names).map_err(|unknown| {
        let all: Vec<&str> = makings().iter().map(|making| making.name.as_str()).collect();
        format!("no direction is called “{unknown}”; there are: {}", all.join(", "))
    })
}

/// Switches off all that a session does to its sounds.
fn be_raw(session: &mut Session) {
    let none = SoundControls::NONE;
    let _ = session.apply(Command::SetBus(none.bus));
    let _ = session.apply(Command::SetLevelled(none.levelled));
    let _ = session.apply(Command::SetHuman(none.human));
    for lane in 0..session.lanes().len() as u8 {
        let _ = session.apply(Command::SetShape { lane, shape: LaneShape::NEUTRAL });
    }
}

/// A session, its sounds and its clock-free engine.
pub(crate) struct Headless {
    session: Session,
    kit: Arc<Kit>,
    critic: Contender,
    /// Sounds are rendered as they are.
    raw: bool,
    /// How much of a drummer's feel loops are played with, where it was said.
    human: Option<f32>,
    /// How sounds of a person's own are loaded.
    own: kits::Own,
    shelf: Shelf,
    prepared: Prepared,
    bpm: Bpm,
    rate: SampleRate,
    handed_out: Option<LoopId>,
    /// Loops that were sampled, as they are written: they have no place in the history.
    sampled: BTreeMap<u64, Loop>,
    next_sampled: u64,
}

impl Headless {
    /// Loads the kit and makes the first loop.
    pub(crate) fn new(options: &SessionOptions) -> Result<Self, String> {
        let choice = kits::choice(options.kit())?;
        let home = settings::home();
        let machine = home.as_deref().map_or_else(settings::Machine::default, known);
        let shelf = Shelf::of(home.as_deref());
        let own = kits::Own { home, roles: machine.roles, ..kits::Own::default() };
        let (kit, view) = load_kit(&choice, &own)?;
        Ok(Self { own, shelf, ..Self::with_kit(options, choice, kit, view) })
    }

    /// The same with a kit that is at hand.
    pub(crate) fn with_kit(
        options: &SessionOptions,
        choice: KitChoice,
        kit: Arc<Kit>,
        view: KitView,
    ) -> Self {
        let seed = Seed(options.seed);
        let roles = Role::default_lanes(options.lanes().into());
        let grid = Grid { bars: options.bars(), steps_per_bar: options.steps(), meter: Meter::FOUR_FOUR };
        let steering = Steering { grid, four_on_the_floor: options.four_on_the_floor, ..Steering::default() };
        let document =
            Document { kit: choice, any_sample: options.any_sample, steering, ..Document::new(seed, roles) };
        let mut session = Session::new(document);
        if options.raw {
            be_raw(&mut session);
        }
        let human = options.human.map(|percent| f32::from(percent) / 100.0);
        if let Some(human) = human {
            let _ = session.apply(Command::SetHuman(human));
        }
        let critic = options.critic.into();
        let learner = learner(critic, Arc::clone(&kit), seed);
        let _ = session.set_kit(Arc::clone(&kit), learner, view);
        let mut headless = Self {
            session,
            kit,
            critic,
            raw: options.raw,
            human,
            own: kits::Own::default(),
            shelf: Shelf::default(),
            prepared: Prepared::default(),
            bpm: Bpm::new(options.bpm),
            rate: SampleRate::CD,
            handed_out: None,
            sampled: BTreeMap::new(),
            next_sampled: 1,
        };
        headless.settle();
        headless
    }

    /// The kit in use.
    pub(crate) fn kit(&self) -> &Arc<Kit> {
        &self.kit
    }

    /// The roles of the lanes, and how time is divided.
    pub(crate) fn shape(&self) -> (Vec<Role>, Grid) {
        (self.session.roles(), self.session.steering().grid)
    }

    /// All presets of this machine.
    pub(crate) fn presets(&mut self) -> Arc<Library> {
        self.session.set_library(Arc::new(self.shelf.read()));
        Arc::clone(self.session.library())
    }

    /// Starts anew from a preset: its first loop is what is proposed next.
    pub(crate) fn load_preset(&mut self, name: &str) -> Result<(), String> {
        self.load_preset_with(name, |_| Ok(()))
    }

    /// The same with changes to the preset. It is no longer called by its name where there are any.
    pub(crate) fn load_preset_with(
        &mut self,
        name: &str,
        change: impl FnOnce(&mut Preset) -> Result<(), String>,
    ) -> Result<(), String> {
        let library = self.presets();
        let mut listed = library.named(name).ok_or_else(|| format!("no preset is called “{name}”"))?.clone();
        change(&mut listed.preset)?;
        let id = listed.id();
        self.session.set_library(Arc::new(Library { all: vec![listed], problems: Vec::new() }));
        let _ = self.session.apply(Command::LoadPreset(id));
        self.session.set_library(library);
        let loaded = load_kit(self.session.kit_wanted(), &self.own);
        let (kit, view) = loaded.inspect_err(|reason| self.session.refuse_staged(reason))?;
        let learner = learner(self.critic, Arc::clone(&kit), self.session.learner_seed_wanted());
        let _ = self.session.set_kit(Arc::clone(&kit), learner, view);
        self.kit = kit;
        if self.raw {
            be_raw(&mut self.session);
        }
        if let Some(human) = self.human {
            let _ = self.session.apply(Command::SetHuman(human));
        }
        self.handed_out = None;
        Ok(())
    }

    /// What the person makes, instead of what was said before.
    pub(crate) fn set_directions<'a>(
        &mut self,
        names: impl IntoIterator<Item = &'a str>,
    ) -> Result<Directions, String> {
        let directions = directions(names)?;
        let _ = self.session.apply(Command::SetDirections(directions));
        Ok(directions)
    }

    /// Brings something along that is loved already. Gives how many references there are.
    pub(crate) fn bring(&mut self, path: &Path, kind: Option<ReferenceKind>) -> Result<usize, String> {
        let read = import::material::read(path, &AtomicBool::new(false));
        let read = read.map_err(|reason| format!("{}: {reason}", path.display()))?;
        read.unread.iter().for_each(|what| eprintln!("read in part: {what}"));
        let before = self.session.references().len();
        if before >= MOST_REFERENCES {
            return Err(format!("a session has at most {MOST_REFERENCES} references"));
        }
        self.session.set_read_reference(path, kind, Ok(read));
        let known = self.session.references().iter().any(|reference| reference.path == path);
        if known {
            Ok(self.session.references().len())
        } else {
            Err("it holds nothing of that kind".to_owned())
        }
    }

    /// A MIDI clip becomes the current loop.
    pub(crate) fn play_clip(&mut self, path: &Path) -> Result<(), String> {
        let named = |reason| format!("{}: {reason}", path.display());
        let read = import::midi_file(path).map_err(named)?;
        read.unread.iter().for_each(|what| eprintln!("read in part: {what}"));
        let before = self.session.current().map(|(id, _)| id);
        let _ = self.session.set_read_beat(path, Ok(read));
        if self.session.current().map(|(id, _)| id) == before {
            return Err(named("no lane takes its notes".to_owned()));
        }
        self.handed_out = None;
        Ok(())
    }

    /// Plays with a MIDI clip's feel, or a drummer's again. Gives the clip's name.
    pub(crate) fn take_feel(&mut self, path: Option<&Path>) -> Result<Option<String>, String> {
        let Some(path) = path else {
            let _ = self.session.apply(Command::DropFeel);
            return Ok(None);
        };
        let read =
            import::bars::midi_file_bars(path).map_err(|reason| format!("{}: {reason}", path.display()))?;
        read.1.iter().for_each(|what| eprintln!("read in part: {what}"));
        let _ = self.session.set_read_feel(path, Ok(read));
        Ok(self.session.clip_feel().map(|feel| feel.name.clone()))
    }

    /// Goes along with the notes of a MIDI file from here on. Gives the steps of the loop on which they begin.
    pub(crate) fn follow(&mut self, path: &Path, amount: f32) -> Result<Vec<usize>, String> {
        let line = import::line_file(path).map_err(|reason| format!("{}: {reason}", path.display()))?;
        line.unread.iter().for_each(|what| eprintln!("read in part: {what}"));
        let steering = self.session.steering();
        let _ = self.session.apply(Command::Steer(Steering { follow: amount, ..steering }));
        let _ = self.session.apply(Command::SetRiff(Riff::of_line(&line)));
        // What was made before knew nothing of it.
        self.handed_out = self.session.current().map(|(id, _)| id);
        Ok(self.session.riff().onsets(steering.grid).steps())
    }

    /// The tempo of the session.
    pub(crate) fn bpm(&self) -> Bpm {
        self.bpm
    }

    /// Another tempo.
    pub(crate) fn set_bpm(&mut self, bpm: Bpm) {
        self.bpm = bpm;
    }

    /// How many loops were rated, in whole or in part.
    pub(crate) fn ratings(&self) -> usize {
        self.session.log().entries().iter().filter(|said| said.source == Source::Rated).count()
    }

    /// Finishes what the last command left open: queue, words, background work of the learner.
    pub(crate) fn settle(&mut self) {
        let _ = self.session.settle();
        while self.session.work() {}
    }

    /// The next loop to be judged: the one that followed the last rating, else another one.
    pub(crate) fn propose(&mut self) -> Result<(LoopId, Loop, Option<f32>), String> {
        // A section of the song waits for nobody.
        let of_song = self.session.song().chosen > 0;
        let waiting = self.session.current().filter(|(id, _)| !of_song && self.handed_out != Some(*id));
        if waiting.is_none() {
            let _ = self.session.apply(Command::Forward);
        }
        let (id, _) = self.session.current().ok_or("no loop could be made")?;
        let pattern = self.session.played(id).ok_or("no loop could be made")?;
        self.handed_out = Some(id);
        let p_like =
            self.session.find(id).and_then(|entry| entry.prediction).map(|prediction| prediction.p_like);
        Ok((id, pattern, p_like))
    }

    /// Rates a loop. Gives the wall time until the next one is ready to be played, sounds included.
    pub(crate) fn rate(&mut self, id: LoopId, verdict: Verdict) -> Result<Duration, String> {
        if self.session.find(id).is_none() {
            return Err(format!("no loop has the id {id}"));
        }
        let begun = Instant::now();
        let effects = self.session.apply(Command::Rate { id, verdict });
        if effects.iter().any(|effect| matches!(effect, Effect::Play(_)))
            && let Some((id, pattern)) = self.session.current()
        {
            let (sounds, _) = self.prepared.sounds(&self.session, &pattern, self.rate);
            let at = (self.rate, self.bpm);
            let of = (&pattern, &sounds);
            let _ready = levels_in_song(&mut self.session, &mut self.prepared, Some(id), of, at);
        }
        Ok(begun.elapsed())
    }

    /// Good loops that are unlike one another and unlike what was heard, best first: at most so many. They are rated
    /// and exported by their ids.
    pub(crate) fn wall(&mut self, n: usize) -> Vec<(LoopId, Loop, Option<f32>)> {
        let found = self.session.search_widely(n);
        let shown = |entry: Entry| {
            let p_like = entry.prediction.map(|prediction| prediction.p_like);
            Some((entry.id, self.session.played(entry.id)?, p_like))
        };
        found.into_iter().filter_map(shown).collect()
    }

    /// A friend's profile is heard beside what is rated here. Gives how many of its judgements are heard.
    pub(crate) fn befriend(&mut self, path: &Path, share: f32, together: Together) -> Result<usize, String> {
        let stored = Profile::read_from(path, usize::MAX, 0).map_err(|error| error.to_string())?;
        let said = stored.into_iter().map(|stored| stored.judgement).collect();
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        self.session.set_read_friend(path, &name, Ok(said));
        let _ = self.session.apply(Command::SetFriend { share, together });
        let friend = self.session.view(WorkerView::Starting).taste.whose.friend;
        friend.and_then(|friend| friend.ratings).ok_or_else(|| "it can't be heard".to_owned())
    }

    /// The sounds of the kit for a lane of the loop that was proposed last, by P(like) of the loop with each.
    pub(crate) fn rank(&mut self, lane: u8) -> Result<Vec<(String, f32)>, String> {
        if usize::from(lane) >= self.session.lanes().len() {
            return Err("there is no such lane".to_owned());
        }
        let _ = self.session.apply(Command::RankSounds(Some(lane)));
        let _ = self.session.settle();
        let ranking = self.session.view(WorkerView::Starting).ranking;
        let _ = self.session.apply(Command::RankSounds(None));
        let ranking = ranking.ok_or("there is no learner yet")?;
        Ok(ranking.sounds.into_iter().map(|sound| (sound.name, sound.p_like)).collect())
    }

    /// Fresh loops of the present model, not played and not to be rated.
    pub(crate) fn sample(&mut self, n: usize, mode: Mode) -> Vec<(LoopId, Proposal)> {
        let found = self.session.sample(n, mode);
        found
            .into_iter()
            .map(|mut proposal| {
                // Even ids of the history are hashes; these count up from 1 and are looked up first.
                let id = self.next_sampled;
                self.next_sampled += 1;
                self.sampled.insert(id, proposal.pattern);
                proposal.pattern = self.session.as_if_played(LoopId(id), &proposal.pattern);
                while self.sampled.len() > SAMPLED {
                    self.sampled.pop_first();
                }
                (LoopId(id), proposal)
            })
            .collect()
    }

    fn pattern(&self, id: LoopId) -> Option<Loop> {
        let known = self.session.played(id);
        known.or_else(|| Some(self.session.as_if_played(id, self.sampled.get(&id.0)?)))
    }

    /// Why a loop is thought to be liked, and the loop.
    pub(crate) fn explain(&mut self, id: LoopId) -> Result<(Explanation, Loop), String> {
        let pattern = self.pattern(id).ok_or_else(|| format!("no loop has the id {id}"))?;
        let explained = self.session.explain(&pattern).ok_or("there is no learner yet")?;
        Ok((explained, pattern))
    }

    /// The loops of this session that a statement rests on.
    pub(crate) fn loops_of(&self, statement: &Statement) -> Vec<LoopId> {
        self.session.loops_of(statement)
    }

    /// Writes a loop as MIDI or audio into a folder; gives the file.
    pub(crate) fn export(&mut self, id: LoopId, kind: ExportKind, folder: &Path) -> Result<PathBuf, String> {
        // Files of a loop that was found have a number too.
        self.session.take_in(id, false);
        let pattern = self.pattern(id).ok_or_else(|| format!("no loop has the id {id}"))?;
        let number = self
            .session
            .find(id)
            .map_or(self.session.history().last_number() + id.0 as u32, |entry| entry.number);
        let (sounds, silent) = self.prepared.sounds(&self.session, &pattern, self.rate);
        if let Some(reason) = silent.into_iter().next() {
            return Err(reason);
        }
        let known = self.session.find(id).map(|entry| entry.id);
        let (of, at) = ((&pattern, &sounds), (self.rate, self.bpm));
        let levels = levels_in_song(&mut self.session, &mut self.prepared, known, of, at);
        let piece = Piece { levels, ..self.piece(number, &pattern, &sounds) };
        let written = export::export(&piece, kind, Destination::Folder(folder));
        let written = written.map_err(|error| error.to_string())?;
        written.into_iter().next().ok_or_else(|| "nothing was written".to_owned())
    }

    /// Makes a loop of the history or of the song current, so that a song is made of it.
    fn make_current(&mut self, id: LoopId) -> Result<(), String> {
        let pattern = self.pattern(id).ok_or_else(|| format!("no loop has the id {id}"))?;
        let _ = self.session.apply(Command::Recall(id));
        if self.session.current().map(|(current, _)| current) != Some(id) {
            let _ = self.session.adopt(pattern);
        }
        Ok(())
    }

    /// Makes the sections of a song of a loop, and an arrangement of so many bars of them; gives the sections.
    pub(crate) fn make_song(&mut self, of: Option<LoopId>, bars: u8) -> Result<&[Section], String> {
        if let Some(id) = of {
            self.make_current(id)?;
        }
        let _ = self.session.apply(Command::Song(SongCommand::MakeSong { bars }));
        let song = self.session.song();
        if song.sections.is_empty() { Err("no song could be made".to_owned()) } else { Ok(&song.sections) }
    }

    /// Lays out the sections that there are, or makes a song of the current loop where there are none.
    pub(crate) fn lay_out(&mut self, bars: u8) -> Result<(), String> {
        let _ = self.session.apply(Command::Song(SongCommand::LayOut { bars }));
        if self.sections().is_empty() { Err("no song could be made".to_owned()) } else { Ok(()) }
    }

    /// The sections of the song.
    pub(crate) fn sections(&self) -> &[Section] {
        &self.session.song().sections
    }

    /// The section of each bar of the arrangement by name, `None` for silence.
    pub(crate) fn arrangement(&self) -> Vec<Option<String>> {
        let song = self.session.song();
        let name = |section: &u8| {
            let at = usize::from(*section).checked_sub(1)?;
            song.sections.get(at).map(|section| section.name.clone())
        };
        song.strip.cells().iter().map(name).collect()
    }

    /// Writes the arrangement as MIDI, audio or stems into a folder; gives the files.
    pub(crate) fn export_song(&mut self, kind: ExportKind, folder: &Path) -> Result<Vec<PathBuf>, String> {
        let first = self.session.song().parts().first().copied().cloned();
        let entry = first.ok_or("there is no arrangement yet")?;
        let at = (self.rate, self.bpm);
        let (sounds, silent) = self.prepared.sounds(&self.session, &entry.pattern, self.rate);
        if let Some(reason) = silent.into_iter().next() {
            return Err(reason);
        }
        let (order, of) = (self.session.arrangement(), (&entry.pattern, &sounds));
        let song = song_parts(&mut self.session, &mut self.prepared, order, at);
        let levels = levels_in_song(&mut self.session, &mut self.prepared, Some(entry.id), of, at);
        let names: Vec<String> = self.sections().iter().map(|section| section.name.clone()).collect();
        let piece = Piece { levels, ..self.piece(entry.number, &entry.pattern, &sounds) };
        let piece = SongPiece { piece, song: &song, names: &names };
        export::export_song(&piece, kind, Destination::Folder(folder)).map_err(|error| error.to_string())
    }

    fn piece<'a>(&self, number: u32, pattern: &'a Loop, sounds: &'a Sounds) -> Piece<'a> {
        Piece {
            number,
            pattern,
            sounds,
            levels: Levels::NONE,
            mix: mix(&self.session),
            rate: self.rate,
            bpm: self.bpm,
            note_map: NoteMap::GeneralMidi,
            midi_tracks: MidiTracks::Lanes,
            tail: Tail::Wrap,
            unroll: Unroll::Round,
        }
    }

    /// Writes the one-shot of a lane, shaped, as it sounds at full velocity and at the level that it has by
    /// itself; gives the file. Each is written once.
    pub(crate) fn one_shot(&mut self, pattern: &Loop, lane: usize, folder: &Path) -> Result<PathBuf, String> {
        let of = pattern.lanes().get(lane).ok_or("there is no such lane")?;
        let sample = self.session.sounding(of).ok_or("the lane has no sound")?;
        let path = folder.join(format!("{}.wav", sample.id));
        if !path.exists() {
            std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
            let (sounds, silent) = self.prepared.sounds(&self.session, pattern, self.rate);
            if let Some(reason) = silent.into_iter().next() {
                return Err(reason);
            }
            let piece = self.piece(0, pattern, &sounds);
            export::write_one_shot(&piece, lane, &path).map_err(|error| error.to_string())?;
        }
        Ok(path)
    }

    /// The name of a lane's sample.
    pub(crate) fn sample_name(&self, lane: &Lane) -> String {
        self.session.sounding(lane).map_or_else(|| lane.sample.to_string(), |sample| sample.name.clone())
    }
}

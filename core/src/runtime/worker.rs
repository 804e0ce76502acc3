//! The worker: owns the session, carries out its effects, keeps loops ready.
//!
//! One thread an instance. It may take its time, but looks at the stop flag between units of work.

mod export;
mod host;
mod keep;
mod outbox;
mod presets;
mod sounds;

use host::FollowsHost;
use outbox::Outbox;
use sounds::Builder;
pub(super) use sounds::LoadedKit;

use super::ledger::{self, Ledger};
use super::link::WorkerPort;
use super::maps::Maps;
use super::prepare::{self, Prepared};
use super::presets::Shelf;
use super::score::{levels_in_song, song_parts};
use super::settings::Machine;
use super::{AudioToWorker, POLL_IDLE, POLL_PLAYING, Shared, ToWorker};
use crate::engine::{Fact, Plan};
use crate::import;
use crate::kit::Kit;
use crate::propose::Learner;
use crate::session::command::Command;
use crate::session::doc::Document;
use crate::session::view::{Severity, WorkerView};
use crate::session::{Effect, Session};
use crate::taste::{LoopId, Verdict};
use crate::units::{Bpm, SampleRate};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Crashes in a row after which the learner is replaced by draws from the prior, so that sound and
/// controls go on even if one judgement always makes the learner fail.
const MOST_CRASHES: u32 = 3;
/// How long the worker waits for a place in the ring to the audio thread before it tries again.
const RETRY: Duration = Duration::from_millis(5);
/// How long a worker that failed rests before it starts again, times the failures in a row, at most
/// [`MOST_REST`]: one that can't even start must not take a whole core.
const REST: Duration = Duration::from_millis(20);
/// The longest such rest; an instance that is closed waits for it.
const MOST_REST: Duration = Duration::from_millis(200);

/// What outlives a crash of the session.
struct Links {
    port: Option<WorkerPort>,
    rate: SampleRate,
    attached: u64,
    attached_sent: u64,
    serial: u64,
    /// The serial of the plan from which on the lanes are as the session has them.
    lanes_since: u64,
    loads_done: u64,
    crashes: u32,
    last_words: Option<String>,
    /// A verdict that was being taken in, until the next loop is chosen. It outlives a crash, to be taken
    /// in again: saying the same of the same loop twice counts once.
    saying: Option<(LoopId, Verdict)>,
}

pub(super) fn run(shared: &Arc<Shared>, receiver: &Receiver<ToWorker>, sender: &Sender<ToWorker>) {
    let mut links = Links {
        port: None,
        rate: SampleRate::STUDIO,
        attached: 0,
        attached_sent: 0,
        serial: 0,
        lanes_since: 0,
        loads_done: 0,
        crashes: 0,
        last_words: None,
        saying: None,
    };
    while !shared.stop.load(Ordering::Acquire) {
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let mut worker = Worker::new(shared, sender, &mut links);
            let served = catch_unwind(AssertUnwindSafe(|| {
                worker.serve(receiver);
                worker.finish(receiver);
            }));
            if let Err(panic) = served {
                worker.rescue();
                resume_unwind(panic);
            }
        }));
        if let Err(panic) = outcome {
            let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
            let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
            links.last_words = Some(text.unwrap_or_else(|| "unknown".to_owned()));
            links.crashes += 1;
            std::thread::sleep((REST * links.crashes).min(MOST_REST));
        }
    }
}

struct Worker<'a> {
    shared: &'a Arc<Shared>,
    sender: &'a Sender<ToWorker>,
    links: &'a mut Links,
    session: Session,
    machine: Machine,
    ledger: Ledger,
    shelf: Shelf,
    maps: Maps,
    prepared: Prepared,
    builder: Builder,
    /// The kit in use stands in for the one that was chosen.
    kit_is_stand_in: bool,
    status: WorkerView,
    outbox: Outbox,
    /// Loops that are still to be written into a folder.
    many: Option<export::Many>,
    /// A preset waits for its kit and learner.
    preset_is_due: bool,
    follows_host: FollowsHost,
    playing: bool,
    published: u64,
    /// The session's revision whose text the host has.
    saved: Option<u64>,
    host_bpm: Bpm,
}

impl<'a> Worker<'a> {
    fn new(shared: &'a Arc<Shared>, sender: &'a Sender<ToWorker>, links: &'a mut Links) -> Self {
        let (asked, loaded) = shared.saved.take();
        links.loads_done = asked;
        // A text that is loaded between these lines is taken as soon as the worker looks.
        let text = loaded.unwrap_or_else(|| shared.saved.text());
        let mut session = Session::from_text(&text, shared.options.seed, &shared.options.lanes);
        let mut machine = Machine::default();
        if let Some(home) = &shared.options.home {
            match Machine::read_and_tell(home) {
                Ok((read, told)) => {
                    machine = read;
                    if let Some(told) = told {
                        session.notify(Severity::Warning, told.to_string(), "The others hold.");
                    }
                }
                Err(error) => session.notify(Severity::Warning, error.to_string(), ""),
            }
        }
        session.set_machine(machine.settings.clone(), machine.export.clone());
        let mut status = WorkerView::Starting;
        if let Some(reason) = links.last_words.take() {
            session.notify(
                Severity::Error,
                format!("The learner stopped unexpectedly and was started again ({reason})."),
                "Your ratings are kept. The sound was not interrupted.",
            );
            status = WorkerView::Restarted { reason };
        }
        let mut worker = Self {
            shared,
            sender,
            links,
            session,
            machine,
            ledger: Ledger::new(shared.options.home.as_deref()),
            shelf: Shelf::of(shared.options.home.as_deref()),
            maps: Maps::of(shared.options.home.as_deref()),
            prepared: Prepared::default(),
            builder: Builder::default(),
            kit_is_stand_in: false,
            status,
            outbox: Outbox::full(),
            many: None,
            preset_is_due: false,
            follows_host: FollowsHost::default(),
            playing: false,
            published: 0,
            saved: None,
            host_bpm: Bpm::DEFAULT,
        };
        // A window may wait for the settings; they come before anything that takes time.
        worker.publish();
        worker.shared.progress.change(|reached| reached.settings = true);
        let choice = worker.session.kit_choice().clone();
        worker.load_kit(choice);
        // While the kit is made, and before anything is proposed.
        worker.ledger.begin(&mut worker.session);
        ledger::read_friend_of(&mut worker.session);
        worker.session.set_library(Arc::new(worker.shelf.read()));
        worker.session.set_own_maps(worker.maps.read());
        worker.say_again();
        worker
    }

    fn serve(&mut self, receiver: &Receiver<ToWorker>) {
        while !self.closes() {
            self.publish();
            let wait = if self.outbox.plan().is_some()
                && self.links.port.is_some()
                && self.session.kit().is_some()
            {
                RETRY
            } else if self.playing {
                POLL_PLAYING
            } else {
                POLL_IDLE
            };
            match receiver.recv_timeout(wait) {
                Ok(message) => {
                    self.take(message);
                    self.take_messages(receiver);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            self.look(receiver);
        }
    }

    /// Everything that is not a message: the audio thread's ring, the host's controls, a loaded state,
    /// and what is left to do.
    fn look(&mut self, receiver: &Receiver<ToWorker>) {
        self.take_loaded_text();
        if std::mem::take(&mut self.preset_is_due) {
            self.load_staged();
        }
        self.follow_controls(receiver);
        let _ = self.take_events();
        if self.closes() {
            return;
        }
        if let Some(port) = &mut self.links.port {
            port.take_home();
        }
        self.send_due();
        self.ledger.look(&mut self.session);
        if !self.session.is_settled() {
            self.status = WorkerView::Searching;
            let effects = self.session.settle();
            // The queue and what is said of the loop are in the view and not in the document, whose
            // revision therefore does not tell.
            self.published = 0;
            self.carry_out(effects);
            self.send_due();
        } else if self.many.is_some() && self.session.kit().is_some() {
            self.export_one_of_many();
        } else if self.session.kit().is_some() && self.session.work() {
            // One unit a look: commands come first.
            self.links.crashes = 0;
        } else if !self.playing && self.session.kit().is_some() {
            // Nothing is heard and nothing is asked: the search for the inbox goes on, one piece a look.
            let _ = self.session.forage();
        }
    }

    fn take(&mut self, message: ToWorker) {
        match message {
            ToWorker::Command(command) => self.apply(command),
            ToWorker::Attach { number, rate, port } => {
                // What was said while the engine before this one still ran.
                while self.take_events() {}
                if self.closes() {
                    return;
                }
                self.links.port = Some(*port);
                self.links.rate = rate;
                self.links.attached = number;
                self.outbox.fill();
                self.playing = false;
                let on = self.session.is_auditioning();
                self.send_audition(on);
            }
            ToWorker::Kit(kit) => self.take_kit(*kit),
            ToWorker::Tell(text, next_step) => self.session.notify(Severity::Warning, text, next_step),
            ToWorker::Wake => {}
        }
    }

    fn apply(&mut self, command: Command) {
        let is_verdict = matches!(command, Command::Rate { .. });
        if let Command::Rate { id, verdict } = command {
            self.links.saying = Some((id, verdict));
        }
        // What is proposed must depend on what was said, not on how fast the machine is: before the
        // learner is asked or told anything, what the last command left open is finished.
        if asks_the_learner(&command) && !self.session.is_settled() {
            let effects = self.session.settle();
            self.carry_out(effects);
        }
        let effects = self.session.apply(command);
        if is_verdict && self.session.kit().is_some() {
            self.links.saying = None;
        }
        // The sound first; then what was said is on the disk before anybody is shown that it was said.
        self.outbox.hold_back();
        self.carry_out(effects);
        self.send_due();
        self.ledger.follow(&mut self.session);
        if is_verdict {
            // A host that saves now saves it too, though the next loop is still looked for.
            self.save();
        }
        if self.outbox.release() {
            self.acknowledge();
        }
    }

    /// Takes in again a verdict that was being taken in when the worker failed. There is no learner yet, so
    /// it can't fail in the same way; [`Worker::move_on`] follows once there is one.
    fn say_again(&mut self) {
        let Some((id, verdict)) = self.links.saying else { return };
        let effects = self.session.apply(Command::Rate { id, verdict });
        self.carry_out(effects);
        self.ledger.follow(&mut self.session);
    }

    /// Goes on to the loop that follows a verdict that was taken in without a learner.
    fn move_on(&mut self) {
        let Some((id, verdict)) = self.links.saying else { return };
        if verdict.like.is_some() && self.session.current().is_some_and(|(current, _)| current == id) {
            self.apply(Command::Skip { id, within_first_bar: false });
        }
        self.links.saying = None;
    }

    fn take_messages(&mut self, receiver: &Receiver<ToWorker>) {
        while !self.closes()
            && let Ok(message) = receiver.try_recv()
        {
            self.take(message);
        }
    }

    /// Takes what the audio thread has to say, up to what asks for another loop: what that leads to is shown
    /// and sent before the next is taken, so that presses that come faster than loops keep nobody waiting.
    /// True where there may be more.
    fn take_events(&mut self) -> bool {
        while !self.closes()
            && let Some(event) = self.next_event()
        {
            let moves_on = matches!(event, AudioToWorker::Rate { .. } | AudioToWorker::Skip { .. });
            self.take_event(event);
            if moves_on {
                return true;
            }
        }
        false
    }

    /// Whether the host waits for the end of this thread. What was said and not taken yet is then left to
    /// [`Worker::finish`], which learns nothing from it: learning from all of it may take minutes.
    fn closes(&self) -> bool {
        self.shared.stop.load(Ordering::Acquire)
    }

    fn next_event(&mut self) -> Option<AudioToWorker> {
        self.links.port.as_mut()?.events.pop().ok()
    }

    fn take_event(&mut self, event: AudioToWorker) {
        match event {
            AudioToWorker::Fact(fact) => match fact {
                Fact::Started { .. } | Fact::Stopped { .. } => {
                    self.playing = matches!(fact, Fact::Started { .. });
                    self.session.riff_begins();
                }
                Fact::BarPassed { .. } => self.session.take_in_riff(),
                Fact::LoopEntered { .. } | Fact::LoopReplaced { .. } => {}
            },
            AudioToWorker::Rate { id, like } => self.apply(Command::Rate { id, verdict: Verdict::of(like) }),
            AudioToWorker::Skip { id, within_first_bar } => {
                self.apply(Command::Skip { id, within_first_bar })
            }
            AudioToWorker::Tempo(bpm) => self.host_bpm = bpm,
            AudioToWorker::Back => self.apply(Command::Back),
            AudioToWorker::KeyHeard(key) => self.apply(Command::KeyHeard(key)),
            AudioToWorker::Played(note) => self.session.hear(note),
            AudioToWorker::ToggleLockBeat(lane) => {
                let on = self.session.lanes().get(usize::from(lane)).is_some_and(|lane| !lane.lock_beat);
                self.apply(Command::LockBeat(lane, on));
            }
            AudioToWorker::ToggleLockSound(lane) => {
                let on = self.session.lanes().get(usize::from(lane)).is_some_and(|lane| !lane.lock_sound);
                self.apply(Command::LockSound(lane, on));
            }
        }
    }

    /// Tells who waits that a load or an attachment was carried through. What a host then saves is
    /// already the new state.
    fn acknowledge(&mut self) {
        if !self.outbox.may_tell() {
            return;
        }
        self.publish();
        let (loads_done, attached) = (self.links.loads_done, self.links.attached_sent);
        self.shared.progress.change(|reached| {
            reached.load = reached.load.max(loads_done);
            reached.attachment = reached.attachment.max(attached);
        });
    }

    fn learner(&self, kit: &Arc<Kit>) -> Box<dyn Learner> {
        let kind = if self.links.crashes >= MOST_CRASHES {
            crate::propose::CriticKind::Random
        } else {
            self.shared.options.critic
        };
        let mut learner =
            (self.shared.options.learner)(kind, Arc::clone(kit), self.session.learner_seed_wanted());
        learner.heed(Arc::clone(&self.shared.stop));
        learner
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        self.follows_host
            .note(&self.session, || self.shared.host.controls().map(|controls| controls.steering));
        let changes_mix = effects.contains(&Effect::Mix);
        for effect in effects {
            match effect {
                // A loop that comes with another mix may have other lanes.
                Effect::Play(enter) => self.outbox.play(enter, changes_mix),
                Effect::Refresh => self.outbox.refresh(),
                Effect::Mix => self.outbox.mix(),
                Effect::Audition(on) => self.send_audition(on),
                Effect::LoadKit(choice) => self.load_kit(choice),
                // Once all that waits is taken: of several only the last one counts.
                Effect::LoadPreset => self.preset_is_due = true,
                Effect::Presets(change) => self.change_presets(&change),
                Effect::Maps(change) => self.change_maps(&change),
                Effect::LoadSample { lane, path, replaces } => {
                    self.load_sample(lane, &path, replaces);
                }
                Effect::ReadReference { path, kind } => {
                    let read = import::material::read(&path, &self.shared.stop);
                    self.session.set_read_reference(&path, kind, read);
                }
                Effect::ReadBeat(path) => {
                    let read = import::midi_file(&path);
                    let effects = self.session.set_read_beat(&path, read);
                    self.carry_out(effects);
                }
                Effect::ReadFeel(path) => {
                    let read = import::bars::midi_file_bars(&path);
                    let effects = self.session.set_read_feel(&path, read);
                    self.carry_out(effects);
                }
                Effect::ReadFriend(path) => {
                    let name = ledger::name_of(&path);
                    ledger::read_friend(&path, &name, &mut self.session);
                }
                Effect::CorrectRole(id, role) => {
                    self.remember(|machine| machine.roles.set(id, role));
                    let choice = self.session.kit_choice().clone();
                    self.load_kit(choice);
                }
                Effect::Export { ticket, id, kind, to } => self.export(ticket, id, kind, to),
                Effect::ExportMany { ticket, loops, to } => self.export_many(ticket, loops, to),
                Effect::SaveSettings => self.save_settings(),
                Effect::Profile(change) => self.ledger.carry_out(&change, &mut self.session),
            }
        }
    }

    fn send_audition(&mut self, on: bool) {
        if let Some(port) = &mut self.links.port {
            // The ring holds far more than what waits between two blocks; a lost audition is pressed again.
            let _ = port.messages.push(super::link::WorkerToAudio::Audition(on));
        }
        self.playing |= on;
    }

    /// Sends mix and loop to the audio thread if they are due and there is room.
    fn send_due(&mut self) {
        let Some(port) = &mut self.links.port else { return };
        port.take_home();
        let due = self.outbox.plan();
        if !port.messages.is_full() && self.outbox.take_mix() {
            let mix = prepare::mix(&self.session);
            let comes_next = due.is_some_and(|due| due.brings_lanes);
            let since = if comes_next { self.links.serial + 1 } else { self.links.lanes_since };
            if port.messages.push(super::link::WorkerToAudio::Mix { since, mix }).is_err() {
                self.outbox.mix();
            }
        }
        let Some(due) = due else { return };
        if self.session.kit().is_none() || !port.has_room() {
            return;
        }
        let Some((id, _)) = self.session.current() else { return };
        let Some(pattern) = self.session.played(id) else { return };
        self.links.serial += 1;
        let (sounds, silent) = self.prepared.sounds(&self.session, &pattern, self.links.rate);
        let at = (self.links.rate, self.host_bpm);
        let levels = levels_in_song(&mut self.session, &mut self.prepared, Some(id), (&pattern, &sounds), at);
        let order = self.session.order();
        let song = song_parts(&mut self.session, &mut self.prepared, order, at);
        let plan = Plan::levelled(id, self.links.serial, due.enter, pattern, sounds, levels);
        let plan = plan.with_song(song);
        for reason in silent {
            self.session.notify(Severity::Warning, reason, "Locate the file, or choose another sound.");
        }
        let Some(port) = &mut self.links.port else { return };
        if port.send(Box::<Plan>::new(plan), due.is_load).is_ok() {
            self.outbox.plan_is_sent();
            if due.brings_lanes {
                self.links.lanes_since = self.links.serial;
            }
            self.links.attached_sent = self.links.attached;
            self.acknowledge();
        }
    }

    fn publish(&mut self) {
        if self.builder.is_busy() {
            let [done, total] = self.shared.loading.each_ref().map(|count| count.load(Ordering::Relaxed));
            self.status = WorkerView::Loading { done, total };
        } else if self.session.kit().is_some() && self.session.is_settled() {
            self.status = WorkerView::Ready { queued: self.session.queue().len() };
        }
        let stamp = self.session.revision();
        let changed = stamp != self.published || self.shared.view.load().worker != self.status;
        if !changed {
            return;
        }
        self.published = stamp;
        self.embed();
        self.save();
        self.shared.view.store(Arc::new(self.session.view(self.status.clone())));
    }

    /// Hands the session's text to the host, where it has another one. One that can't be made leaves the one
    /// before in its place.
    fn save(&mut self) {
        let stamp = Some(self.session.revision());
        if self.saved == stamp {
            return;
        }
        match self.session.text() {
            Ok(text) => {
                self.shared.saved.publish(text);
                self.saved = stamp;
            }
            Err(error) => {
                let next_step = "What was saved before stays as it is. Carry fewer sounds inside the project, \
                                 or start another one.";
                self.session.notify(
                    Severity::Error,
                    format!("The project is not saved: {error}."),
                    next_step,
                );
                self.published = self.session.revision();
            }
        }
    }

    /// After a panic: what the session holds goes where the next start finds it, so that no judgement is
    /// lost that was said since the document was last published.
    fn rescue(&mut self) {
        if let Ok(text) = self.session.text()
            && Document::read(&text).is_ok()
        {
            self.shared.saved.publish(text);
        }
    }

    fn finish(&mut self, receiver: &Receiver<ToWorker>) {
        self.builder.stop();
        self.hear_out(receiver);
        self.ledger.finish(&mut self.session);
        self.publish();
        self.builder.end();
    }
}

impl Drop for Worker<'_> {
    fn drop(&mut self) {
        // Also on a crash: no thread may outlive the library.
        self.builder.end();
    }
}

/// Whether a command's outcome depends on the learner's state.
fn asks_the_learner(command: &Command) -> bool {
    matches!(
        command,
        Command::Rate { .. }
            | Command::Skip { .. }
            | Command::Forward
            | Command::MoreLikeThis(_)
            | Command::RerollLane(_)
            | Command::Song(_)
    )
}

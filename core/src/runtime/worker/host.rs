//! What the worker takes from the host: parameters, and states that it loads.
//!
//! Worker thread. The parameters steer, but for the moment in which they follow the session: a preset, or
//! its undo, brings steering that they do not have yet. The window sets them, and the host hands the values
//! on when it processes next, perhaps one by one. Until they are there the session must not go back to what
//! they were, nor act on half of them.
//!
//! A host that changes the meter alone (by automation, say) leaves a number of steps that may not fit it: the
//! session takes one that does, and the parameter is to follow.

use super::Worker;
use crate::engine::{LaneShape, Making};
use crate::kit::Kit;
use crate::pattern::Meter;
use crate::propose::Steering;
use crate::runtime::ToWorker;
use crate::session::command::Command;
use crate::session::{ForTheHost, Session, SoundControls};
use crossbeam_channel::Receiver;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Parameters that stay this long, and are neither what they were nor what was wanted, mean what they say.
const SETTLED: Duration = Duration::from_millis(250);

/// Parameters that rest this long have been let go.
const GESTURE: Duration = Duration::from_millis(600);

/// See the module's documentation.
#[derive(Debug, Default)]
pub(super) struct FollowsHost {
    waits: Option<Waits>,
    /// Steps and meter of the host that do not fit each other, for which the session has others.
    unfit: Option<(u8, Meter)>,
    looked: bool,
    sound: FollowsSound,
}

/// The same of the sound.
#[derive(Debug, Default)]
struct FollowsSound {
    /// The host's, as it was looked at last.
    seen: Option<SoundControls>,
    /// Which going ahead of the session the parameters are to follow, and when they turned last since.
    ahead: Option<u64>,
    turned: Option<Instant>,
    /// When the session followed last.
    changed: Option<Instant>,
}

/// Whether the host's parameters sound as a session does: what lanes have that there are not is of no account,
/// nor what is finer than any control.
fn is_alike(host: &SoundControls, session: &Session) -> bool {
    let wanted = session.sound();
    let lanes = session.lanes().len();
    let near = |a: LaneShape, b: LaneShape| {
        let bits = |shape: LaneShape| Making { shape, ..Making::plain(0.0) }.bits().map(f32::from_bits);
        let pairs = bits(a).into_iter().zip(bits(b));
        pairs
            .chain([(a.room, b.room), (a.swing_percent, b.swing_percent)])
            .all(|(a, b)| (a - b).abs() < 1e-3 * b.abs().max(1.0))
    };
    host.bus == wanted.bus
        && host.levelled == wanted.levelled
        && (host.human - wanted.human).abs() < 5e-4
        && host.shapes[..lanes].iter().zip(&wanted.shapes[..lanes]).all(|(a, b)| near(*a, *b))
}

#[derive(Debug)]
struct Waits {
    serial: u64,
    /// The parameters when the session went ahead of them.
    before: Steering,
    last: Steering,
    since: Instant,
}

impl FollowsHost {
    /// Remembers what the parameters were when the session went ahead of them.
    pub(super) fn note(&mut self, session: &Session, host: impl FnOnce() -> Option<Steering>) {
        let Some(ForTheHost { serial, .. }) = session.for_the_host() else {
            self.waits = None;
            return;
        };
        if self.waits.as_ref().is_none_or(|waits| waits.serial != serial) {
            self.waits = host().map(Steering::sanitized).map(|before| Waits {
                serial,
                before: with_styles(before, session),
                last: with_styles(before, session),
                since: Instant::now(),
            });
        }
    }

    /// The host's steering, where the session must follow it.
    pub(super) fn look(&mut self, host: Option<Steering>, session: &mut Session) -> Option<Steering> {
        let Some(host) = host else {
            // Nobody else steers.
            session.host_follows();
            return None;
        };
        let host = with_styles(host, session);
        let meant = self.meant(host, session.steering());
        if meant.is_like(&session.steering()) {
            if meant == host {
                session.host_follows();
            } else if session.for_the_host().is_none() {
                session.ask_the_host();
            }
            self.waits = None;
            return None;
        }
        let host = meant;
        match &mut self.waits {
            Some(waits) if session.for_the_host().is_some_and(|ahead| ahead.serial == waits.serial) => {
                if host == waits.before {
                    return None;
                }
                if host != waits.last {
                    (waits.last, waits.since) = (host, Instant::now());
                }
                (waits.since.elapsed() >= SETTLED).then_some(host)
            }
            _ => Some(host),
        }
    }
}

impl FollowsHost {
    /// What the host means: steps that fit the meter, where the meter alone was changed.
    fn meant(&mut self, host: Steering, session: Steering) -> Steering {
        let first = !std::mem::replace(&mut self.looked, true);
        let (of, now) = (host.grid, session.grid);
        let said = (of.steps_per_bar, of.meter);
        let fitted = Steering { grid: of.fitted(), ..host };
        let meter_alone = of.meter != now.meter && of.steps_per_bar == now.steps_per_bar;
        // A project that was saved before the parameter could follow.
        let saved_so = first && of.meter == now.meter && fitted.grid.steps_per_bar == now.steps_per_bar;
        if !of.fits() && (self.unfit == Some(said) || meter_alone || saved_so) {
            self.unfit = Some(said);
            return fitted;
        }
        self.unfit = None;
        host
    }
}

/// No parameter holds the styles: they stay as the session has them.
fn with_styles(host: Steering, session: &Session) -> Steering {
    Steering { styles: session.steering().styles, ..host }
}

impl Worker<'_> {
    pub(super) fn follow_controls(&mut self, receiver: &Receiver<ToWorker>) {
        if let Some(steering) = self.steering_to_follow() {
            // A command that was sent before the parameters changed comes first.
            self.take_messages(receiver);
            if self.steering_to_follow() == Some(steering) {
                self.apply(Command::Steer(steering));
            }
        }
        if let Some(controls) = self.shared.host.controls() {
            for command in controls.beside_steering(self.session.controls()) {
                self.apply(command);
            }
            self.follow_sound(controls.sound);
        } else {
            // Nobody else has a say.
            self.session.host_sounds_alike();
        }
    }

    /// Takes on the sound that the host's parameters have, where they have turned. Where the session went ahead
    /// of them (undo, a preset), they follow: until they have, or mean something else for a while, they are
    /// not heeded.
    fn follow_sound(&mut self, host: SoundControls) {
        let follows = &mut self.follows_host.sound;
        let before = follows.seen.replace(host);
        if is_alike(&host, &self.session) {
            self.session.host_sounds_alike();
            return;
        }
        let turned = before != Some(host);
        let ahead = self.session.sound_for_the_host().map(|ahead| ahead.serial);
        if ahead.is_some() {
            if follows.ahead != ahead {
                (follows.ahead, follows.turned) = (ahead, None);
            }
            if turned && before.is_some() {
                follows.turned = Some(Instant::now());
            }
            if follows.turned.is_none_or(|turned| turned.elapsed() < SETTLED) {
                return;
            }
            self.session.host_sounds_alike();
        } else if !turned {
            return;
        }
        // What turns again within a moment is one gesture, and one undo step.
        let last = self.follows_host.sound.changed.replace(Instant::now());
        if last.is_none_or(|last| last.elapsed() >= GESTURE) {
            self.apply(Command::EndGesture);
        }
        let session = self.session.sound();
        let before = before.filter(|_| ahead.is_none()).unwrap_or(session);
        let lanes = self.session.lanes().len();
        let of_a_lane = |command: &Command| match command {
            Command::SetShape { lane, .. } => usize::from(*lane) < lanes,
            _ => true,
        };
        for command in host.changes(before).filter(of_a_lane) {
            self.apply(command);
        }
    }

    /// The host's steering, where the session must follow it.
    fn steering_to_follow(&mut self) -> Option<Steering> {
        let host = self.shared.host.controls().map(|controls| controls.steering.sanitized());
        self.follows_host.look(host, &mut self.session)
    }

    pub(super) fn take_loaded_text(&mut self) {
        if !self.shared.saved.waits() {
            return;
        }
        // What was said of the loops of the project before this one. The text still waits meanwhile, so that
        // no document of that project takes its place.
        while self.take_events() {}
        if self.closes() {
            return;
        }
        let (asked, Some(text)) = self.shared.saved.take() else { return };
        let (settings, export) = (self.machine.settings.clone(), self.machine.export.clone());
        let mut session = Session::from_text(&text, self.shared.options.seed, &self.shared.options.lanes);
        session.set_machine(settings, export);
        session.set_library(Arc::clone(self.session.library()));
        session.set_own_maps(self.session.own_maps().clone());
        let choice = session.kit_choice().clone();
        let same_kit = *self.session.kit_choice() == choice
            && self.session.is_mono() == session.is_mono()
            && !self.kit_is_stand_in
            && !self.builder.is_busy();
        // Sounds that the kit does not have are looked for by the builder.
        let whole = |kit: &Arc<Kit>| session.wanted().ids.iter().all(|(id, _)| kit.get(*id).is_some());
        let kept = self.session.kit().filter(|kit| same_kit && whole(kit)).cloned();
        self.session = session;
        // Its count of changes may be just where that of the project before was.
        (self.published, self.saved) = (0, None);
        self.follows_host = FollowsHost::default();
        self.ledger.begin(&mut self.session);
        crate::runtime::ledger::read_friend_of(&mut self.session);
        self.outbox.fill();
        match kept {
            Some(kit) => {
                let learner = self.learner(&kit);
                let view = self.kit_view(&kit);
                let _ = self.session.set_kit(kit, learner, view);
                let effects = self.session.start();
                self.carry_out(effects);
                self.send_due();
                self.loaded(asked);
            }
            None => {
                self.load_kit(choice);
                // Acknowledged once the kit is there and the plan is out.
                self.links.loads_done = asked;
            }
        }
    }

    fn loaded(&mut self, asked: u64) {
        self.links.loads_done = asked;
        self.acknowledge();
    }
}

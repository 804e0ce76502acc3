//! The rings between the audio thread and the worker.
//!
//! [`AudioPort`] is used by the audio thread only, [`WorkerPort`] by the worker only. Neither side
//! ever waits for the other. Plans go out as boxes and come home as boxes: the worker counts what is
//! out and never exceeds the return ring, so that a box can always come home and the audio thread
//! never frees one.

use crate::engine::{Engine, Fact, Meters, MixState, Plan, Transport};
use crate::pattern::Meter;
use crate::session::riff::PlayedNote;
use crate::taste::LoopId;
use crate::units::Bpm;
use rtrb::{Consumer, Producer, RingBuffer};

/// Plans that may be out at once: current, pending, ringing and on their way.
const PLANS: usize = 24;
/// Messages to the audio thread that may wait.
const MESSAGES: usize = 64;
/// Events from the audio thread that may wait.
const EVENTS: usize = 1024;
/// Of those, places that only what the person said may take: while the worker is busy, a tempo ramp or a
/// host that starts and stops in every block must not crowd out a rating.
const FOR_THE_PERSON: usize = 256;

/// Sounds that a person may ask to hear before a block plays them; more at once are no use.
const HEARD: usize = 16;

/// What a window shows while something plays.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LiveMeters {
    /// Playhead and levels.
    pub engine: Meters,
    /// The host's tempo.
    pub bpm: Bpm,
    /// The host's meter.
    pub meter: Meter,
    /// The host's bar, from 1, as if its meter had never changed; `None` while it stands.
    pub bar: Option<i64>,
    /// Events that did not fit into the ring to the worker since the engine was attached.
    pub lost_events: u32,
    /// Blocks played since the engine was attached, as far as 32 bits count: who sees it stand still knows
    /// that the host does not process, and that the rest is of the past.
    pub blocks: u32,
}

impl Default for LiveMeters {
    fn default() -> Self {
        Self {
            engine: Meters::default(),
            bpm: Bpm::DEFAULT,
            meter: Meter::FOUR_FOUR,
            bar: None,
            lost_events: 0,
            blocks: 0,
        }
    }
}

#[expect(
    clippy::large_enum_variant,
    reason = "it lives in a preallocated ring; boxing would free on the audio thread"
)]
pub(super) enum WorkerToAudio {
    /// A loop that follows the person's choice.
    Play(Box<Plan>),
    /// The loop of a project that was loaded: it enters even while the host renders offline.
    Load(Box<Plan>),
    /// The mixer. Its lanes' settings hold from the plan with the serial `since` on.
    Mix {
        since: u64,
        mix: MixState,
    },
    Audition(bool),
}

/// What the audio thread tells the worker.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum AudioToWorker {
    /// Something that the engine did.
    Fact(Fact),
    /// Like or dislike of the loop that was audible.
    Rate {
        /// The loop.
        id: LoopId,
        /// Like.
        like: bool,
    },
    /// Skip of the loop that was audible.
    Skip {
        /// The loop.
        id: LoopId,
        /// Less than a bar of it was heard.
        within_first_bar: bool,
    },
    /// The host's tempo changed; exports use it.
    Tempo(Bpm),
    /// The loop before this one.
    Back,
    /// Lock or free a lane's rhythm.
    ToggleLockBeat(u8),
    /// Lock or free a lane's sample.
    ToggleLockSound(u8),
    /// The key that was waited for.
    KeyHeard(u8),
    /// A note that was played beside the loop.
    Played(PlayedNote),
}

impl AudioToWorker {
    /// Whether the person said it.
    fn is_said(&self) -> bool {
        !matches!(self, Self::Fact(_) | Self::Tempo(_) | Self::Played(_))
    }
}

/// The audio thread's end.
pub struct AudioPort {
    messages: Consumer<WorkerToAudio>,
    retired: Producer<Box<Plan>>,
    events: Producer<AudioToWorker>,
    meters: triple_buffer::Input<LiveMeters>,
    /// A plan for which the engine had no place, or that must wait for the end of an offline render.
    held: Option<Box<Plan>>,
    held_is_load: bool,
    mix: MixState,
    /// The mixer of a loop that has not entered yet, and the serial of its plan.
    next_mix: Option<(u64, MixState)>,
    lost_events: u32,
    rendering_offline: bool,
    /// Lanes that a person asks to hear.
    heard: Option<Consumer<u8>>,
    blocks: u32,
}

/// The worker's end.
pub(super) struct WorkerPort {
    pub(super) messages: Producer<WorkerToAudio>,
    pub(super) retired: Consumer<Box<Plan>>,
    pub(super) events: Consumer<AudioToWorker>,
    /// Boxes that are with the audio thread.
    pub(super) out: usize,
}

pub(super) fn pair() -> (AudioPort, WorkerPort, triple_buffer::Output<LiveMeters>) {
    let (to_audio, messages) = RingBuffer::new(MESSAGES);
    let (retired_in, retired_out) = RingBuffer::new(PLANS);
    let (events_in, events_out) = RingBuffer::new(EVENTS);
    let (meters_in, meters_out) = triple_buffer::triple_buffer(&LiveMeters::default());
    (
        AudioPort {
            messages,
            retired: retired_in,
            events: events_in,
            meters: meters_in,
            held: None,
            held_is_load: false,
            mix: MixState::default(),
            next_mix: None,
            lost_events: 0,
            rendering_offline: false,
            heard: None,
            blocks: 0,
        },
        WorkerPort { messages: to_audio, retired: retired_out, events: events_out, out: 0 },
        meters_out,
    )
}

impl AudioPort {
    /// Where lanes are put that a person asks to hear. Host main thread, before audio runs.
    pub(super) fn ear(&mut self) -> Producer<u8> {
        let (ask, heard) = RingBuffer::new(HEARD);
        self.heard = Some(heard);
        ask
    }

    /// Before a block: takes what the worker sent. While the host renders offline the loop that plays
    /// and the mix stay as they are (a bounce plays the project's state), but for a project that is
    /// loaded meanwhile.
    pub fn begin(&mut self, engine: &mut Engine, offline: bool) {
        self.rendering_offline = offline;
        if let Some(plan) = self.held.take() {
            let loaded = self.held_is_load;
            self.offer(engine, plan, loaded);
        }
        // A plan that waits must not hold up what comes behind it: a loaded project, or the mix.
        while let Ok(message) = self.messages.pop() {
            match message {
                WorkerToAudio::Play(plan) => self.offer(engine, plan, false),
                WorkerToAudio::Load(plan) => self.offer(engine, plan, true),
                WorkerToAudio::Mix { since, mix } => self.take_mix(engine, since, mix),
                WorkerToAudio::Audition(on) => engine.set_audition(on),
            }
        }
        while let Some(lane) = self.heard.as_mut().and_then(|heard| heard.pop().ok()) {
            // A bounce holds what the project holds.
            if !offline {
                engine.hear(lane);
            }
        }
    }

    fn offer(&mut self, engine: &mut Engine, plan: Box<Plan>, loaded: bool) {
        let must_wait = self.rendering_offline && !loaded && engine.meters().loop_id.is_some();
        let refused = match (must_wait, loaded) {
            (true, _) => Err(plan),
            (false, true) => engine.offer_loaded(plan),
            (false, false) => engine.offer(plan),
        };
        // The newest wins: what still waited is older than this one.
        let waited = match refused {
            Ok(()) => self.held.take(),
            Err(plan) => self.held.replace(plan),
        };
        self.held_is_load = self.held.is_some() && (loaded || (waited.is_some() && self.held_is_load));
        if let Some(older) = waited {
            self.retire(older);
        }
    }

    /// Lanes that come with a loop are set when it enters, so that the one before it sounds and sends notes
    /// as it did to its end.
    fn take_mix(&mut self, engine: &mut Engine, since: u64, mix: MixState) {
        let meters = engine.meters();
        if meters.loop_id.is_none() || meters.serial >= since {
            self.mix = mix;
            self.next_mix = None;
        } else {
            self.mix = MixState { lanes: self.mix.lanes, keys: self.mix.keys, ..mix };
            self.next_mix = Some((since, mix));
        }
        engine.set_next_lanes(self.next_mix.map(|(since, mix)| (since, mix.lanes, mix.keys)));
    }

    /// Sends a plan home.
    fn retire(&mut self, plan: Box<Plan>) {
        if let Err(rtrb::PushError::Full(plan)) = self.retired.push(plan) {
            // Can't happen: the worker has at most as many out as this ring holds. If it did, losing
            // 10 kB is better than freeing them here.
            std::mem::forget(plan);
        }
    }

    /// The mixer's settings as the worker has them, to be completed by the host's parameters.
    #[must_use]
    pub fn mix(&self) -> MixState {
        self.mix
    }

    /// After a block: sends home what the engine no longer needs and shows the meters.
    pub fn end(&mut self, engine: &mut Engine, transport: &Transport) {
        while !self.retired.is_full() {
            let Some(plan) = engine.take_retired() else { break };
            self.retire(plan);
        }
        if let Some((since, mix)) = self.next_mix
            && engine.meters().serial >= since
        {
            self.mix = mix;
            self.next_mix = None;
        }
        let bar_beats = transport.meter.bar_beats();
        self.blocks = self.blocks.wrapping_add(1);
        self.meters.write(LiveMeters {
            engine: engine.meters(),
            bpm: transport.bpm,
            meter: transport.meter,
            bar: transport.playing.then(|| (transport.pos_beats / bar_beats + 1e-9).floor() as i64 + 1),
            lost_events: self.lost_events,
            blocks: self.blocks,
        });
    }

    /// Tells the worker something; says whether there was room. What is lost is counted, but for a tempo,
    /// which the caller tells again with the next block.
    pub fn tell(&mut self, event: AudioToWorker) -> bool {
        let room = event.is_said() || self.events.slots() > FOR_THE_PERSON;
        let told = room && self.events.push(event).is_ok();
        if !told && !matches!(event, AudioToWorker::Tempo(_)) {
            self.lost_events = self.lost_events.saturating_add(1);
        }
        told
    }
}

impl WorkerPort {
    /// Takes plans home; they are freed here, on the worker.
    pub(super) fn take_home(&mut self) {
        while let Ok(plan) = self.retired.pop() {
            self.out = self.out.saturating_sub(1);
            drop(plan);
        }
    }

    /// Whether another plan may go out.
    pub(super) fn has_room(&self) -> bool {
        self.out < PLANS && !self.messages.is_full()
    }

    /// Sends a plan; gives it back where there is no room.
    pub(super) fn send(&mut self, plan: Box<Plan>, loaded: bool) -> Result<(), Box<Plan>> {
        if !self.has_room() {
            return Err(plan);
        }
        let message = if loaded { WorkerToAudio::Load(plan) } else { WorkerToAudio::Play(plan) };
        match self.messages.push(message) {
            Ok(()) => {
                self.out += 1;
                Ok(())
            }
            Err(rtrb::PushError::Full(WorkerToAudio::Play(plan) | WorkerToAudio::Load(plan))) => Err(plan),
            Err(rtrb::PushError::Full(_)) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Enter, Outputs, PreparedSound};
    use crate::pattern::{Grid, Hit, Lane, Loop, Role, SampleId, Swing};
    use crate::rng::Rng;
    use crate::units::{SampleRate, Seed};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[test]
    fn a_rating_finds_room_however_much_the_host_tells_while_the_worker_is_busy() {
        let (mut audio, mut worker, _) = pair();
        for beat in 0..5_000u32 {
            audio.tell(AudioToWorker::Tempo(Bpm::new(60.0 + f64::from(beat) * 0.01)));
            audio.tell(AudioToWorker::Fact(Fact::Started { id: None }));
        }
        let said = AudioToWorker::Rate { id: LoopId(7), like: true };
        assert!(audio.tell(said), "there is a place for what the person says");
        let told: Vec<AudioToWorker> = std::iter::from_fn(|| worker.events.pop().ok()).collect();
        assert_eq!(told.last(), Some(&said));
        assert!(audio.tell(AudioToWorker::Tempo(Bpm::DEFAULT)), "and then for a tempo again");
    }

    #[test]
    fn lanes_that_come_with_a_loop_are_set_on_the_frame_on_which_it_enters() {
        const BAR: usize = 4 * 24_000;
        let sound = Arc::new(PreparedSound::new(vec![0.5; 3_000], None));
        let mut lane = Lane::empty(Role::Kick, SampleId(1));
        (0..16).for_each(|step| lane.hits[step] = Hit::PLAIN);
        let pattern = Loop::new(Grid::default(), Swing::STRAIGHT, &[lane]);
        let plan = |serial: u64, enter| {
            let sounds = std::array::from_fn(|lane| (lane == 0).then(|| Arc::clone(&sound)));
            Box::new(Plan::new(LoopId(serial), serial, enter, pattern, sounds))
        };
        let play = |since: Option<u64>| {
            let (mut audio, mut worker, _) = pair();
            let mut engine = Engine::new(SampleRate::STUDIO);
            assert!(worker.send(plan(1, Enter::Now), false).is_ok());
            let mut heard = Vec::new();
            while heard.len() < BAR + 24_000 {
                if heard.len() == 7_000 {
                    let mut mix = MixState::default();
                    (mix.lanes[0].mute, mix.learns_key) = (true, true);
                    if let Some(since) = since {
                        assert!(worker.messages.push(WorkerToAudio::Mix { since, mix }).is_ok());
                    }
                    assert!(worker.send(plan(2, Enter::NextBar), false).is_ok());
                }
                let beats = heard.len() as f64 / 24_000.0;
                let (mut left, mut right) = ([0.0; 700], [0.0; 700]);
                audio.begin(&mut engine, false);
                assert_eq!(audio.mix().learns_key, since.is_some() && heard.len() >= 7_000, "no lane's");
                engine.set_mix(audio.mix());
                let transport = Transport::at(beats, Bpm::new(120.0), Meter::FOUR_FOUR);
                engine.process(&transport, &[], &mut Outputs::main(&mut left, &mut right), &mut ());
                audio.end(&mut engine, &transport);
                heard.extend(left);
            }
            heard
        };
        let (with, without) = (play(Some(2)), play(None));
        assert_eq!(with[..BAR], without[..BAR], "the loop before sounds as it did");
        let glide = 5 * 48;
        assert!(with[BAR + glide..].iter().all(|value| *value == 0.0));
        assert!(without[BAR + glide..].iter().any(|value| *value != 0.0));
        assert_ne!(play(Some(1))[..BAR], without[..BAR], "those of the loop that plays are set at once");
    }

    /// The two sides in any order of their steps. Each step is one push or pop of a ring with one writer
    /// and one reader, so orders of steps are all that threads can make of it.
    #[test]
    fn every_plan_comes_home_and_no_more_are_out_than_can_come_home() {
        let sound = Arc::new(PreparedSound::new(vec![0.5; 3_000], None));
        let mut lane = Lane::empty(Role::Cymbal, SampleId(1));
        (0..16).step_by(2).for_each(|step| lane.hits[step] = Hit::PLAIN);
        let pattern = Loop::new(Grid::default(), Swing::STRAIGHT, &[lane]);
        for seed in 0..200 {
            let mut rng = Rng::stream(Seed(seed), "orders", 0);
            let (mut audio, mut worker, _) = pair();
            let mut engine = Engine::new(SampleRate::STUDIO);
            let (mut serial, mut beats, mut offline) = (0, 0.0, false);
            for _ in 0..400 {
                match rng.below(6) {
                    0 | 1 => {
                        serial += 1;
                        let enter = [Enter::Now, Enter::NextBar, Enter::Beat][rng.below(3)];
                        let sounds = std::array::from_fn(|lane| (lane == 0).then(|| Arc::clone(&sound)));
                        // Some are edits of the loop before.
                        let plan = Plan::new(LoopId(serial / 3 + 1), serial, enter, pattern, sounds);
                        let room = worker.has_room();
                        let sent = worker.send(Box::new(plan), rng.below(5) == 0);
                        assert_eq!(sent.is_ok(), room, "seed {seed}");
                    }
                    2 => worker.take_home(),
                    3 => offline = rng.below(4) == 0,
                    _ => {
                        let transport = Transport {
                            playing: rng.below(8) > 0,
                            offline,
                            ..Transport::at(beats, Bpm::new(200.0), Meter::FOUR_FOUR)
                        };
                        let (mut left, mut right) = ([0.0; 700], [0.0; 700]);
                        audio.begin(&mut engine, offline);
                        engine.process(&transport, &[], &mut Outputs::main(&mut left, &mut right), &mut ());
                        audio.end(&mut engine, &transport);
                        beats += 700.0 / 48_000.0 * 200.0 / 60.0;
                    }
                }
                // Each plan holds the sound once: none was lost, and none is counted twice.
                assert_eq!(Arc::strong_count(&sound) - 1, worker.out, "seed {seed}");
                assert!(worker.out <= PLANS, "seed {seed}");
            }
            // Once nothing rings, all but the loop that plays and one that waits are at home.
            for _ in 0..40 {
                let (mut left, mut right) = ([0.0; 700], [0.0; 700]);
                audio.begin(&mut engine, false);
                let stopped = Transport::stopped();
                engine.process(&stopped, &[], &mut Outputs::main(&mut left, &mut right), &mut ());
                audio.end(&mut engine, &stopped);
                worker.take_home();
            }
            assert!(worker.out <= 1, "seed {seed}: {} are out", worker.out);
        }
    }

    /// The same on threads of their own, above all for `cargo xtask races`.
    #[test]
    fn threads_that_hand_plans_facts_and_meters_over_lose_none() {
        const SENT: u64 = 300;
        let sound = Arc::new(PreparedSound::new(vec![0.5; 3_000], None));
        let mut lane = Lane::empty(Role::Cymbal, SampleId(1));
        (0..16).step_by(2).for_each(|step| lane.hits[step] = Hit::PLAIN);
        let pattern = Loop::new(Grid::default(), Swing::STRAIGHT, &[lane]);
        let (mut audio, mut worker, mut meters) = pair();
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let plays = scope.spawn(|| {
                let mut engine = Engine::new(SampleRate::STUDIO);
                let (mut beats, mut told) = (0.0, 0_u64);
                while !is_over.load(Ordering::Acquire) {
                    let transport = Transport::at(beats, Bpm::new(200.0), Meter::FOUR_FOUR);
                    let (mut left, mut right) = ([0.0; 700], [0.0; 700]);
                    audio.begin(&mut engine, false);
                    engine.set_mix(audio.mix());
                    engine.process(&transport, &[], &mut Outputs::main(&mut left, &mut right), &mut ());
                    let said = AudioToWorker::Rate { id: LoopId(told), like: true };
                    told += u64::from(audio.tell(said));
                    audio.end(&mut engine, &transport);
                    beats += 700.0 / 48_000.0 * 200.0 / 60.0;
                    std::thread::yield_now();
                }
                (engine, audio, told)
            });
            let shows = scope.spawn(|| {
                let mut newest = 0;
                while !is_over.load(Ordering::Acquire) {
                    let serial = meters.read().engine.serial;
                    assert!(serial >= newest, "meters never go back");
                    newest = serial;
                    std::thread::yield_now();
                }
            });
            let (mut serial, mut heard) = (0, 0);
            while serial < SENT {
                worker.take_home();
                if worker.has_room() {
                    serial += 1;
                    let enter = [Enter::Now, Enter::NextBar][serial as usize % 2];
                    let sounds = std::array::from_fn(|lane| (lane == 0).then(|| Arc::clone(&sound)));
                    let plan = Plan::new(LoopId(serial), serial, enter, pattern, sounds);
                    let mix = WorkerToAudio::Mix { since: serial, mix: MixState::default() };
                    let _ = worker.messages.push(mix);
                    assert!(worker.send(Box::new(plan), serial % 5 == 0).is_ok() || !worker.has_room());
                }
                while let Ok(AudioToWorker::Rate { id, .. }) = worker.events.pop() {
                    assert_eq!(id, LoopId(heard), "what is said comes in order");
                    heard += 1;
                }
                std::thread::yield_now();
            }
            is_over.store(true, Ordering::Release);
            let (engine, audio, told) = plays.join().unwrap();
            shows.join().unwrap();
            heard += std::iter::from_fn(|| worker.events.pop().ok()).count() as u64;
            assert_eq!(heard, told);
            worker.take_home();
            assert_eq!(Arc::strong_count(&sound) - 1, worker.out, "none was lost, and none is counted twice");
            drop((engine, audio, worker));
            assert_eq!(Arc::strong_count(&sound), 1);
        });
    }
}

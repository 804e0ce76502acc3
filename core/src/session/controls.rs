//! What a host's parameters hold of a session: the host saves, automates and undoes it, and the session
//! follows.
//!
//! Any thread: plain `Copy` data.

use super::command::{BusSettings, Command, Enter, LaneShape};
use super::{Session, human};
use crate::pattern::MAX_LANES;
use crate::propose::Steering;

/// The values. A session without a host has them too, and they change by commands alone.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Controls {
    /// What new loops keep to.
    pub steering: Steering,
    /// When the next loop enters.
    pub enter: Enter,
    /// Whether the loop plays while the host stands still.
    pub audition: bool,
    /// How it sounds.
    pub sound: SoundControls,
}

/// What the parameters hold of the sound: the bus, whether loops are levelled, and the lanes' shaping.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SoundControls {
    /// The drum bus. The audio thread follows the parameters itself.
    pub bus: BusSettings,
    /// Loops come at one loudness, lanes at the level and place of their role.
    pub levelled: bool,
    /// How much of a drummer's feel loops are played with, 0 to 1.
    pub human: f32,
    /// The lanes' shaping; of lanes that there are not, what their parameters say.
    pub shapes: [LaneShape; MAX_LANES],
}

impl SoundControls {
    /// As a document from before there was any of it sounds.
    pub const NONE: Self =
        Self { bus: BusSettings::OFF, levelled: false, human: 0.0, shapes: [LaneShape::NEUTRAL; MAX_LANES] };

    /// The commands that take the changes from `before` to these values into a session. What did not change
    /// is left as the session has it.
    pub fn changes(self, before: Self) -> impl Iterator<Item = Command> {
        let bus = (self.bus != before.bus).then_some(Command::SetBus(self.bus));
        let levelled = (self.levelled != before.levelled).then_some(Command::SetLevelled(self.levelled));
        let human = (self.human.to_bits() != before.human.to_bits()).then_some(Command::SetHuman(self.human));
        let shapes = self.shapes.into_iter().zip(before.shapes).enumerate();
        let shapes = shapes.filter(|(_, (now, before))| now != before);
        let shapes = shapes.map(|(lane, (shape, _))| Command::SetShape { lane: lane as u8, shape });
        bus.into_iter().chain(levelled).chain(human).chain(shapes)
    }
}

impl Default for SoundControls {
    fn default() -> Self {
        Self {
            bus: BusSettings::GENTLE,
            levelled: true,
            human: human::NEW,
            shapes: [LaneShape::NEW; MAX_LANES],
        }
    }
}

/// Sound that the session took on by itself and that the host's parameters shall follow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SoundForTheHost {
    /// Grows with every one of the session.
    pub serial: u64,
    /// The sound.
    pub sound: SoundControls,
}

impl Controls {
    /// Takes what a command says of them. False where it is about something else.
    pub fn take(&mut self, command: &Command) -> bool {
        match command {
            Command::Steer(steering) => self.steering = *steering,
            Command::SetEnter(enter) => self.enter = *enter,
            Command::Audition(on) => self.audition = *on,
            Command::SetBus(bus) => self.sound.bus = *bus,
            Command::SetLevelled(on) => self.sound.levelled = *on,
            Command::SetHuman(amount) => self.sound.human = *amount,
            Command::SetShape { lane, shape } => {
                if let Some(of) = self.sound.shapes.get_mut(usize::from(*lane)) {
                    *of = *shape;
                }
            }
            _ => return false,
        }
        true
    }

    /// The commands that bring a session from `now` to these values, but for steering and sound: those also
    /// go the other way (`runtime/worker/host.rs`).
    pub(crate) fn beside_steering(self, now: Self) -> impl Iterator<Item = Command> {
        let Self { steering: _, sound: _, enter, audition } = self;
        let enter = (enter != now.enter).then_some(Command::SetEnter(enter));
        let audition = (audition != now.audition).then_some(Command::Audition(audition));
        enter.into_iter().chain(audition)
    }
}

/// Steering that the session took on by itself and that the host's parameters shall follow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ForTheHost {
    /// Grows with every one of the session.
    pub serial: u64,
    /// The steering.
    pub steering: Steering,
}

impl Session {
    /// What the host's parameters hold of this session.
    #[must_use]
    pub fn controls(&self) -> Controls {
        let (steering, enter, audition) = (self.steering, self.enter, self.audition);
        Controls { steering, enter, audition, sound: self.sound() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_bring_one_set_of_values_to_another() {
        let from = Controls::default();
        let to = Controls {
            steering: Steering { adventure: 0.9, ..Steering::default() },
            enter: Enter::Now,
            audition: true,
            sound: SoundControls::NONE,
        };
        let mut now = from;
        let sound = to.sound.changes(from.sound);
        for command in to.beside_steering(from).chain([Command::Steer(to.steering)]).chain(sound) {
            assert!(now.take(&command), "{command:?}");
        }
        assert_eq!(now, to);
        assert_eq!(to.beside_steering(to).count(), 0);
        assert!(!now.take(&Command::Undo));
    }
}

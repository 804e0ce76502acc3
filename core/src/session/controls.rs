//! What a host's parameters hold of a session: the host saves, automates and undoes it, and the session
//! follows.
//!
//! Any thread: plain `Copy` data.

use super::Session;
use super::command::{Command, Enter};
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
}

impl Controls {
    /// Takes what a command says of them. False where it is about something else.
    pub fn take(&mut self, command: &Command) -> bool {
        match command {
            Command::Steer(steering) => self.steering = *steering,
            Command::SetEnter(enter) => self.enter = *enter,
            Command::Audition(on) => self.audition = *on,
            _ => return false,
        }
        true
    }

    /// The commands that bring a session from `now` to these values, but for the steering: that also goes
    /// the other way (`runtime/worker/host.rs`).
    pub fn beside_steering(self, now: Self) -> impl Iterator<Item = Command> {
        let Self { steering: _, enter, audition } = self;
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
        Controls { steering: self.steering, enter: self.enter, audition: self.audition }
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
        };
        let mut now = from;
        for command in to.beside_steering(from).chain([Command::Steer(to.steering)]) {
            assert!(now.take(&command), "{command:?}");
        }
        assert_eq!(now, to);
        assert_eq!(to.beside_steering(to).count(), 0);
        assert!(!now.take(&Command::Undo));
    }
}

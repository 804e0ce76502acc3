//! A MIDI clip as a loop of the history, in the lanes and sounds of now.
//!
//! Worker thread. The file is read by [`crate::runtime`] ([`Effect::ReadBeat`]); nothing here reads one.

use super::view::Severity;
use super::{Effect, Session, clip};
use crate::import::Imported;
use crate::pattern::{Lane, Loop, Role, SampleId};
use std::path::Path;

/// Which lane plays a role that has none of its own: what a drummer would strike instead.
fn instead(role: Role) -> &'static [Role] {
    match role {
        Role::Kick => &[Role::Tom],
        Role::Snare => &[Role::Clap, Role::Tom],
        Role::Clap => &[Role::Snare, Role::Percussion],
        Role::ClosedHat => &[Role::OpenHat, Role::Cymbal, Role::Percussion],
        Role::OpenHat => &[Role::ClosedHat, Role::Cymbal],
        Role::Tom => &[Role::Percussion, Role::Snare],
        Role::Percussion => &[Role::Tom, Role::ClosedHat],
        Role::Cymbal => &[Role::OpenHat, Role::ClosedHat],
        Role::Fx => &[Role::Percussion, Role::Cymbal],
    }
}

impl Session {
    /// What was found in a clip that is to be played: it becomes the current loop. Hits go to the lane of their
    /// role, else to one that stands in for it; of two on one step the louder stays. What has no place is told.
    pub fn set_read_beat(&mut self, path: &Path, read: Result<Imported, String>) -> Vec<Effect> {
        let name = clip::name_of(path);
        let Imported { pattern: clip, mut unread } = match read {
            Ok(read) => read,
            Err(reason) => {
                let text = format!("“{name}” can't be played: {reason}.");
                self.notify(
                    Severity::Warning,
                    text,
                    "MIDI clips of drums can, on channel 10 or on General MIDI keys.",
                );
                return Vec::new();
            }
        };
        let roles: Vec<Role> = self.lanes.iter().map(|lane| lane.role).collect();
        let now = self.current().map(|(_, pattern)| pattern);
        let sound = |at: usize, role: Role| {
            let playing = now.and_then(|now| now.lanes().get(at).copied()).filter(|lane| lane.role == role);
            playing.map(|lane| lane.sample).or_else(|| self.stock.first_of(role)).unwrap_or(SampleId::NONE)
        };
        let mut lanes: Vec<Lane> =
            roles.iter().enumerate().map(|(at, &role)| Lane::empty(role, sound(at, role))).collect();
        let mut lost = Vec::new();
        for from in clip.lanes() {
            let to = std::iter::once(&from.role)
                .chain(instead(from.role))
                .find_map(|role| roles.iter().position(|lane| lane == role));
            match to.and_then(|to| lanes.get_mut(to)) {
                Some(lane) => {
                    for (step, hit) in from.iter() {
                        if hit.velocity > lane.hits[step].velocity {
                            lane.hits[step] = hit;
                        }
                    }
                }
                None => lost.push(from.role.label().to_lowercase()),
            }
        }
        if lanes.iter().all(|lane| lane.mask() == 0) {
            let text = format!("“{name}” can't be played: no lane takes its notes.");
            self.notify(Severity::Warning, text, "Add lanes, or give one another role.");
            return Vec::new();
        }
        if !lost.is_empty() {
            unread.push(format!("no lane takes {}", lost.join(", ")));
        }
        if !unread.is_empty() {
            self.notify(Severity::Info, format!("“{name}” was read in part: {}.", unread.join("; ")), "");
        }
        let pattern = Loop::new(clip.grid, clip.swing, &lanes);
        let prediction = self.teaching.learner().map(|learner| learner.predict(&pattern));
        let mut changes = Vec::new();
        let effects = self.enter_loop(pattern, prediction, &mut changes);
        self.undo.push("Play a clip", changes);
        self.touch();
        effects
    }
}

#[cfg(test)]
mod tests {
    use super::super::command::Command;
    use super::super::tests::{session, with_kit};
    use super::super::view::WorkerView;
    use super::*;
    use crate::pattern::{Grid, Hit, Swing};
    use crate::session::command::Enter;

    /// A clip of a bar: kick, ride and, where wanted, something else.
    fn clip(lanes: &[(Role, usize, u8)]) -> Imported {
        let lanes: Vec<Lane> = lanes
            .iter()
            .map(|&(role, step, velocity)| {
                let mut lane = Lane::empty(role, SampleId::NONE);
                lane.hits[step] = Hit { velocity, offset: 9, ..Hit::PLAIN };
                lane
            })
            .collect();
        Imported { pattern: Loop::new(Grid::default(), Swing::STRAIGHT, &lanes), unread: Vec::new() }
    }

    #[test]
    fn a_clip_becomes_the_current_loop_in_the_lanes_of_now_and_undo_brings_the_one_before() {
        let mut session = with_kit(session());
        let (before, was) = session.current().unwrap();
        assert_eq!(
            session.apply(Command::PlayClip("/clips/a.mid".into())),
            [Effect::ReadBeat("/clips/a.mid".into())]
        );
        let read = clip(&[(Role::Kick, 3, 90), (Role::Cymbal, 5, 80)]);
        assert_eq!(
            session.set_read_beat("/clips/a.mid".as_ref(), Ok(read)),
            [Effect::Play(Enter::default())]
        );
        let (id, now) = session.current().unwrap();
        assert_ne!(id, before);
        let role = |role: Role| now.lanes().iter().find(|lane| lane.role == role).unwrap();
        assert_eq!((role(Role::Kick).mask(), role(Role::Kick).hits[3].velocity), (1 << 3, 90));
        let hats = if now.lanes().iter().any(|lane| lane.role == Role::OpenHat) {
            Role::OpenHat
        } else {
            Role::ClosedHat
        };
        assert_eq!(role(hats).mask(), 1 << 5, "a ride without a lane of its own is struck on the hats");
        let sounds = |of: &Loop| of.lanes().iter().map(|lane| (lane.role, lane.sample)).collect::<Vec<_>>();
        assert_eq!(sounds(&now), sounds(&was), "its sounds are those that played");
        let _ = session.apply(Command::Undo);
        assert_eq!(session.current().unwrap(), (before, was));
    }

    #[test]
    fn what_cant_be_read_or_has_no_lane_changes_nothing_and_is_told() {
        let mut session = with_kit(session());
        let before = session.text().unwrap();
        assert_eq!(session.set_read_beat("/clips/a.mid".as_ref(), Err("it has no notes".to_owned())), []);
        let none = Imported { pattern: Loop::new(Grid::default(), Swing::STRAIGHT, &[]), unread: Vec::new() };
        assert_eq!(session.set_read_beat("/clips/b.mid".as_ref(), Ok(none)), []);
        assert_eq!(session.text().unwrap(), before);
        let told: Vec<String> =
            session.view(WorkerView::Starting).notices.iter().map(|notice| notice.text.clone()).collect();
        assert!(told[0].contains("“a” can't be played: it has no notes"), "{told:?}");
        assert!(told[1].contains("no lane takes its notes"), "{told:?}");
    }
}

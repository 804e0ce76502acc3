//! Which judgements a listener gives beside like and dislike, so that a study can tell what each brings.
//!
//! Every variant hears the same number of proposals, and the listener's answers to them are drawn from
//! the same numbers: what differs is only what reaches the log.

use crate::listeners::{Listener, Setting};
use deepdrummer_core::kit::Kit;
use deepdrummer_core::pattern::{Loop, LoopId, SampleId};
use deepdrummer_core::propose::Proposal;
use deepdrummer_core::rng::Rng;
use deepdrummer_core::taste::{Judgement, Log, Source, Verdict};
use serde::{Deserialize, Serialize};

/// Share of the proposals that a listener edits.
const EDITED: f32 = 0.25;
/// A disliked loop below this true P(like) is skipped before its bar is over.
const SKIPPED_BELOW: f32 = 0.03;
/// A liked loop above this true P(like) is starred.
const STARRED_ABOVE: f32 = 0.9;

/// What happens to a disliked loop far below the listener's threshold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Skips {
    /// It is rated like every other.
    #[default]
    Rated,
    /// It is skipped within its bar, and the skip is a weak dislike.
    Noted,
    /// It is skipped, and nothing is noted: implicit judgements are switched off.
    Silent,
}

/// The kinds of judgements. Those switched off are left out of the text that names stored results, so
/// that results of likes alone keep their names when a kind is added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgements {
    /// Whether listeners also answer for the rhythm alone and the sounds alone.
    pub parts: bool,
    /// Whether a listener changes one lane of a share of the proposals and says which is better.
    #[serde(default, skip_serializing_if = "is_default")]
    pub edits: bool,
    /// What happens to a loop that is far from pleasing.
    #[serde(default, skip_serializing_if = "is_default")]
    pub skips: Skips,
    /// Whether a loop that pleases very much is starred too.
    #[serde(default, skip_serializing_if = "is_default")]
    pub stars: bool,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// What is said of one proposal, and by whom.
pub(super) struct Hearing<'a> {
    pub listener: &'a Listener,
    pub kit: &'a Kit,
    pub setting: &'a Setting,
    pub kinds: Judgements,
    /// Counted from 0.
    pub rating: usize,
}

impl Hearing<'_> {
    /// Answers with like or dislike and writes what this listener says into the log. `answers` draws
    /// the same numbers whatever the kinds are; `extras` serves what the kinds add.
    pub(super) fn judge(
        &self,
        proposal: &Proposal,
        log: &mut Log,
        answers: &mut Rng,
        extras: &mut Rng,
    ) -> bool {
        let pattern = &proposal.pattern;
        let answer = self.listener.answer(pattern, self.rating, answers);
        let p = self.listener.p_like(pattern, self.rating);
        let predicted = Some(proposal.prediction.p_like);
        let skipped = self.kinds.skips != Skips::Rated
            && !answer.like
            && p < self.listener.noise + (1.0 - 2.0 * self.listener.noise) * SKIPPED_BELOW;
        if skipped {
            if self.kinds.skips == Skips::Noted {
                self.say(log, *pattern, Verdict::of(false), None, Source::Skipped, predicted);
            }
            return answer.like;
        }
        let verdict = match self.kinds.parts {
            true => Verdict { like: Some(answer.like), rhythm: answer.rhythm, sound: answer.sound },
            false => Verdict::of(answer.like),
        };
        self.say(log, *pattern, verdict, None, Source::Rated, predicted);
        let delighted =
            p > self.listener.noise + (1.0 - 2.0 * self.listener.noise) * STARRED_ABOVE && answer.like;
        if self.kinds.stars && delighted {
            self.say(log, *pattern, Verdict::of(true), None, Source::Starred, predicted);
        }
        if self.kinds.edits && extras.chance(EDITED) {
            let edited = self.edit(pattern, extras);
            match self.listener.prefers(&edited, pattern, self.rating, extras) {
                Some(true) => {
                    self.say(log, edited, Verdict::of(true), Some(*pattern), Source::Rated, None);
                }
                Some(false) => {
                    self.say(log, *pattern, Verdict::of(true), Some(edited), Source::Rated, None);
                }
                None => {}
            }
        }
        answer.like
    }

    fn say(
        &self,
        log: &mut Log,
        subject: Loop,
        verdict: Verdict,
        over: Option<Loop>,
        source: Source,
        predicted: Option<f32>,
    ) {
        log.push(Judgement {
            serial: log.entries().last().map_or(0, |last| last.serial + 1),
            id: LoopId(self.rating as u64 + 1),
            subject,
            verdict,
            over,
            source,
            weight: source.default_weight(),
            predicted,
        });
    }

    /// One lane changed as a person tries things out: half of the time another sound of the lane, else
    /// one to four cells switched.
    fn edit(&self, pattern: &Loop, rng: &mut Rng) -> Loop {
        let mut edited = *pattern;
        let at = rng.below(pattern.lanes().len());
        let other = self.setting.random_loop(self.kit, rng);
        let steps = pattern.grid.steps();
        let lane = &mut edited.lanes_mut()[at];
        let sample = other.lanes().get(at).map_or(SampleId::NONE, |lane| lane.sample);
        if rng.chance(0.5) && sample != lane.sample && sample != SampleId::NONE {
            lane.sample = sample;
            return edited;
        }
        for _ in 0..=rng.below(4) {
            let hit = &mut lane.hits[rng.below(steps)];
            *hit = if hit.is_on() {
                deepdrummer_core::pattern::Hit::NONE
            } else {
                deepdrummer_core::pattern::Hit::PLAIN
            };
        }
        edited
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listeners::Panel;
    use crate::listeners::tests::small_kit;
    use deepdrummer_core::propose::Prediction;
    use deepdrummer_core::units::Seed;

    /// What one listener says of 150 random loops, and the likes among them.
    fn said(kinds: Judgements) -> (Log, Vec<bool>, Listener) {
        let (kit, setting) = (small_kit(), Setting::lanes(4));
        let panel = Panel::new(&kit, &setting, Seed(1));
        let listener = panel.get("timbre/dark").unwrap();
        let mut loops = Rng::new(Seed(5));
        let (mut answers, mut extras) = (Rng::new(Seed(6)), Rng::new(Seed(7)));
        let mut log = Log::default();
        let likes = (0..150)
            .map(|rating| {
                let pattern = setting.random_loop(&kit, &mut loops);
                let proposal = Proposal { pattern, prediction: Prediction { p_like: 0.3, sd: 0.1 } };
                let hearing = Hearing { listener, kit: &kit, setting: &setting, kinds, rating };
                hearing.judge(&proposal, &mut log, &mut answers, &mut extras)
            })
            .collect();
        (log, likes, listener.clone())
    }

    fn count(log: &Log, source: Source) -> usize {
        log.entries().iter().filter(|j| j.source == source).count()
    }

    #[test]
    fn answers_to_the_proposals_are_the_same_whatever_else_is_said() {
        let (plain, likes, _) = said(Judgements::default());
        assert_eq!(plain.entries().len(), 150);
        assert!(likes.iter().any(|l| *l) && likes.iter().any(|l| !*l));
        for kinds in [
            Judgements { parts: true, ..Judgements::default() },
            Judgements { edits: true, ..Judgements::default() },
            Judgements { skips: Skips::Noted, ..Judgements::default() },
            Judgements { skips: Skips::Silent, ..Judgements::default() },
            Judgements { stars: true, ..Judgements::default() },
        ] {
            assert_eq!(said(kinds).1, likes, "{kinds:?}");
        }
    }

    #[test]
    fn skips_stand_in_for_dislikes_far_from_the_threshold_and_weigh_less() {
        let (log, likes, listener) = said(Judgements { skips: Skips::Noted, ..Judgements::default() });
        assert_eq!(log.entries().len(), 150);
        let skipped: Vec<&Judgement> = log.entries().iter().filter(|j| j.source == Source::Skipped).collect();
        assert!(skipped.len() > 10 && skipped.len() < 150 - 10, "{}", skipped.len());
        for skip in skipped {
            assert!(!likes[skip.id.0 as usize - 1] && skip.verdict == Verdict::of(false));
            assert!(listener.p_like(&skip.subject, 0) < listener.noise + 0.03);
            assert!(skip.weight < Source::Rated.default_weight());
        }
        let silent = said(Judgements { skips: Skips::Silent, ..Judgements::default() }).0;
        assert_eq!(silent.entries().len(), count(&log, Source::Rated));
    }

    #[test]
    fn stars_come_on_top_of_likes() {
        let (log, _, listener) = said(Judgements { stars: true, ..Judgements::default() });
        assert_eq!(count(&log, Source::Rated), 150);
        let starred: Vec<&Judgement> = log.entries().iter().filter(|j| j.source == Source::Starred).collect();
        assert!(!starred.is_empty());
        assert!(starred.iter().all(|j| listener.p_like(&j.subject, 0) > 0.75 && j.weight > 1.0));
        let serials: Vec<u64> = log.entries().iter().map(|j| j.serial).collect();
        assert!(serials.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn edits_change_one_lane_and_the_better_loop_mostly_wins() {
        let (log, _, listener) = said(Judgements { edits: true, ..Judgements::default() });
        let pairs: Vec<(&Loop, &Loop)> =
            log.entries().iter().filter_map(|j| Some((&j.subject, j.over.as_ref()?))).collect();
        assert!(pairs.len() >= 10 && pairs.len() < 60, "{}", pairs.len());
        let mut better = 0;
        for (winner, loser) in &pairs {
            let changed = winner.lanes().iter().zip(loser.lanes()).filter(|(a, b)| a != b).count();
            assert_eq!(changed, 1);
            better += usize::from(listener.p_like(winner, 0) >= listener.p_like(loser, 0));
        }
        // Close calls are drawn like coins; an inverted preference would win two fifths at most.
        assert!(better * 5 >= pairs.len() * 3, "{better} of {}", pairs.len());
    }

    #[test]
    fn likes_alone_keep_the_name_that_stored_results_have() {
        let text = |kinds: Judgements| serde_json::to_string(&kinds).unwrap();
        assert_eq!(text(Judgements::default()), r#"{"parts":false}"#);
        assert_ne!(text(Judgements { stars: true, ..Judgements::default() }), text(Judgements::default()));
    }
}

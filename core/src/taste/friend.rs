//! Whose taste counts: how much what is said in this project weighs beside the person's other projects, and a friend's
//! profile beside both.
//!
//! Any thread. Plain data.

use super::Judgement;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::Arc;

/// How much what was said in a project counts unless the person says otherwise: as much as what was said in others.
pub const PROJECT_SHARE: f32 = 0.5;

/// How two tastes are heard together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Together {
    /// What both like: the product of their P(like), each to the power of its share (a logarithmic opinion pool;
    /// Genest and Zidek 1986).
    #[default]
    Both,
    /// What either likes: the mean of their P(like) by their shares (a linear pool).
    Either,
}

impl Together {
    /// Both ways, in the order of the window.
    pub const ALL: [Self; 2] = [Self::Both, Self::Either];

    /// What it is called.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Both => "both like it",
            Self::Either => "either likes it",
        }
    }

    /// P(like) of two that have it, 0 to 1; `share` is that of the second one, 0 to 1.
    #[must_use]
    pub fn pool(self, mine: f32, theirs: f32, share: f32) -> f32 {
        let (mine, theirs) = (mine.clamp(1e-4, 1.0), theirs.clamp(1e-4, 1.0));
        match self {
            Self::Both => mine.powf(1.0 - share) * theirs.powf(share),
            Self::Either => (1.0 - share) * mine + share * theirs,
        }
    }

    /// How much the pooled probability moves with each of the two.
    #[must_use]
    pub(crate) fn slopes(self, mine: f32, theirs: f32, share: f32) -> [f32; 2] {
        match self {
            Self::Both => {
                let pooled = self.pool(mine, theirs, share);
                [pooled * (1.0 - share) / mine.max(1e-2), pooled * share / theirs.max(1e-2)]
            }
            Self::Either => [1.0 - share, share],
        }
    }
}

/// A friend's profile beside one's own.
#[derive(Clone, Debug, PartialEq)]
pub struct Friend {
    /// What the person calls it: the name of its file.
    pub name: String,
    /// Where it is read. It is never written, and nothing of it enters the person's own profile.
    pub path: PathBuf,
    /// How much it counts, 0 (not at all) to 1 (alone).
    pub share: f32,
    /// How it counts.
    pub together: Together,
}

/// A friend as a learner hears it.
#[derive(Clone, Debug, PartialEq)]
pub struct Beside {
    /// What the friend said, oldest first.
    pub said: Arc<[Judgement]>,
    /// How much it counts, 0 to 1.
    pub share: f32,
    /// How it counts.
    pub together: Together,
}

/// A share brought into its range.
#[must_use]
pub(crate) fn sanitized(share: f32, otherwise: f32) -> f32 {
    if share.is_nan() { otherwise } else { share.clamp(0.0, 1.0) }
}

/// By what the weights of judgements are multiplied: of those of other projects, and of this one's own. `share` is how
/// much this project's taste counts, 0 (only what was said elsewhere) to 1 (only what was said here); ½ is as much as
/// they are.
#[must_use]
pub fn project_weights(share: f32) -> (f32, f32) {
    ((2.0 - 2.0 * share).clamp(0.0, 1.0), (2.0 * share).clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_nothing_is_mine_and_all_of_it_theirs() {
        for together in Together::ALL {
            assert!((together.pool(0.7, 0.2, 0.0) - 0.7).abs() < 1e-6);
            assert!((together.pool(0.7, 0.2, 1.0) - 0.2).abs() < 1e-6);
        }
    }

    #[test]
    fn both_asks_for_two_likes_and_either_for_one() {
        let (agreed, split) = ((0.6, 0.6), (0.95, 0.05));
        let of = |together: Together, (mine, theirs)| together.pool(mine, theirs, 0.5);
        assert!(of(Together::Both, agreed) > 2.0 * of(Together::Both, split));
        assert!((of(Together::Either, agreed) - of(Together::Either, split)).abs() < 0.11);
    }

    #[test]
    fn slopes_are_those_of_the_pool() {
        for together in Together::ALL {
            let (a, b, s, d) = (0.6f32, 0.3f32, 0.35, 1e-3);
            let [mine, theirs] = together.slopes(a, b, s);
            let numeric = |da: f32, db: f32| {
                (together.pool(a + da, b + db, s) - together.pool(a - da, b - db, s)) / (2.0 * d)
            };
            assert!((mine - numeric(d, 0.0)).abs() < 1e-2 && (theirs - numeric(0.0, d)).abs() < 1e-2);
        }
    }

    #[test]
    fn the_middle_of_the_projects_dial_changes_no_weight() {
        assert_eq!(project_weights(0.5), (1.0, 1.0));
        assert_eq!(project_weights(0.0), (1.0, 0.0));
        assert_eq!(project_weights(1.0), (0.0, 1.0));
        assert_eq!(project_weights(0.75), (0.5, 1.0));
    }
}

//! A short study: a learner that learns nothing any more fails here.
//!
//! Eight simulated listeners of five families, twenty ratings each. Thresholds lie well under what the
//! learner reaches and well above what no learner can: the same listeners with the blind learner are
//! the control.
#![expect(clippy::unwrap_used, reason = "tests")]

use deepdrummer_core::kit::{Kit, factory};
use deepdrummer_lab::baselines::{Contender, learner};
use deepdrummer_lab::study::{Group, Options, Settings, Summary, run, summarize};
use std::ops::ControlFlow;
use std::sync::Arc;

/// All may be used for tuning; the held-out ones stay for the final figures.
const WHO: &str = "genre/house,genre/electro,metric/four_on_the_floor,metric/half_time,timbre/dark,\
                   timbre/noisy,texture/sparse,dynamics/tight";

fn study(kit: &Arc<Kit>, critics: &[Contender]) -> Summary {
    let options = Options {
        settings: Settings { ratings: 20, checkpoints: vec![0, 20], fresh: 30, ..Settings::default() },
        critics: critics.to_vec(),
        listeners: WHO.to_owned(),
        ..Options::default()
    };
    let outcomes = run(&options, kit, &learner, &mut |_| ControlFlow::Continue(())).unwrap();
    summarize(&options.settings, &outcomes)
}

#[test]
fn twenty_ratings_teach_the_learner_what_no_blind_one_finds() {
    let kit = Arc::new(factory::kit());
    let summary = study(&kit, &[Contender::Taste, Contender::Random]);
    for line in summary.lines() {
        println!("{line}");
    }
    let taste = summary.row(Contender::Taste, Group::All).unwrap();
    let blind = summary.row(Contender::Random, Group::All).unwrap();
    assert!(taste.like_rate[1].mean > 0.65, "after twenty ratings: {:?}", taste.like_rate);
    assert!(blind.like_rate[1].mean < 0.55, "the blind learner: {:?}", blind.like_rate);
    assert!(taste.like_rate[1].mean > blind.like_rate[1].mean + 0.2, "{taste:?} {blind:?}");
    assert!(taste.phase_two_last.mean > taste.phase_two_first.mean, "{taste:?}");
}

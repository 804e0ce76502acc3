//! The study's own rules, with learners whose results are known beforehand.

use super::*;
use crate::listeners::tests::small_kit;
use deepdrummer_core::pattern::Loop;
use deepdrummer_core::propose::{Attribution, Prediction, Proposal, Request, Statement};
use deepdrummer_core::rng::Rng;
use deepdrummer_core::taste::Log;

/// Proposes random loops; knows nothing.
struct Blind {
    kit: Arc<Kit>,
    rng: Rng,
}

/// Knows the listener: proposes the best of many random loops once it has been told five answers.
struct Oracle {
    blind: Blind,
    listener: Listener,
    seen: usize,
}

fn loop_like(request: &Request<'_>, kit: &Kit, rng: &mut Rng) -> Loop {
    let setting = Setting {
        lanes: request.lanes.to_vec(),
        any_sample: request.any_sample,
        grid: request.steering.grid,
        adventure: request.steering.adventure,
        directions: request.steering.directions,
        follow: (request.steering.follow, request.steering.onsets),
    };
    setting.random_loop(kit, rng)
}

impl Learner for Blind {
    fn observe(&mut self, _log: &Log) {}
    fn propose(&mut self, request: &Request<'_>) -> Proposal {
        let pattern = loop_like(request, &self.kit, &mut self.rng);
        Proposal { pattern, prediction: Prediction { p_like: 0.5, sd: 0.5 } }
    }
    fn sample(&mut self, request: &Request<'_>, n: usize) -> Vec<Proposal> {
        (0..n).map(|_| self.propose(request)).collect()
    }
    fn predict(&mut self, _pattern: &Loop) -> Prediction {
        Prediction { p_like: 0.5, sd: 0.5 }
    }
    fn attribute(&mut self, _pattern: &Loop) -> Attribution {
        Attribution::none(0, 0.5)
    }
    fn statements(&mut self, _most: usize) -> Vec<Statement> {
        Vec::new()
    }
    fn work(&mut self) -> bool {
        false
    }
}

impl Learner for Oracle {
    fn observe(&mut self, log: &Log) {
        self.seen = log.entries().len();
    }
    fn propose(&mut self, request: &Request<'_>) -> Proposal {
        let tries = if self.seen < 5 { 1 } else { 60 };
        let loops: Vec<Loop> =
            (0..tries).map(|_| loop_like(request, &self.blind.kit, &mut self.blind.rng)).collect();
        let p = |l: &Loop| self.listener.p_like(l, self.seen);
        let best = loops.into_iter().max_by(|a, b| p(a).total_cmp(&p(b))).unwrap();
        Proposal { pattern: best, prediction: Prediction { p_like: p(&best), sd: 0.0 } }
    }
    fn sample(&mut self, request: &Request<'_>, n: usize) -> Vec<Proposal> {
        (0..n).map(|_| self.propose(request)).collect()
    }
    fn predict(&mut self, pattern: &Loop) -> Prediction {
        Prediction { p_like: self.listener.p_like(pattern, self.seen), sd: 0.0 }
    }
    fn attribute(&mut self, _pattern: &Loop) -> Attribution {
        Attribution::none(0, 0.5)
    }
    fn statements(&mut self, _most: usize) -> Vec<Statement> {
        Vec::new()
    }
    fn work(&mut self) -> bool {
        false
    }
}

const WHO: &str = "timbre/dark";

fn options(who: &str) -> Options {
    let settings = Settings { ratings: 12, checkpoints: vec![0, 5, 12], fresh: 20, ..Settings::default() };
    let critics = vec![Contender::Taste, Contender::Random];
    Options { settings, critics, listeners: who.to_owned(), seeds: 2, ..Options::default() }
}

/// `Taste` is the oracle of [`WHO`], everything else is blind.
fn study(options: &Options) -> Result<Vec<Outcome>, StudyError> {
    let kit = Arc::new(small_kit());
    let panel = Panel::new(&kit, &options.settings.setting, options.settings.panel);
    let listener = panel.get(WHO).unwrap().clone();
    let make = |critic, kit: Arc<Kit>, seed| -> Box<dyn Learner> {
        let blind = Blind { kit, rng: Rng::new(seed) };
        match critic {
            Contender::Taste => Box::new(Oracle { blind, listener: listener.clone(), seen: 0 }),
            _ => Box::new(blind),
        }
    };
    run(options, &kit, &make, &mut |_| ControlFlow::Continue(()))
}

fn without_clock(mut outcomes: Vec<Outcome>) -> Vec<Outcome> {
    outcomes.iter_mut().for_each(|o| o.timing = Timing::default());
    outcomes
}

#[test]
fn an_oracle_rises_from_the_base_rate_and_a_blind_learner_stays_there() {
    let options = options(WHO);
    let outcomes = study(&options).unwrap();
    let summary = summarize(&options.settings, &outcomes);
    let oracle = summary.row(Contender::Taste, Group::All).unwrap();
    let blind = summary.row(Contender::Random, Group::All).unwrap();
    assert!(oracle.like_rate[0].mean < 0.45, "{oracle:?}");
    assert!(oracle.like_rate[2].mean > 0.85 * oracle.ceiling, "{oracle:?}");
    assert!(oracle.phase_two_last.mean > oracle.phase_two_first.mean + 0.3);
    assert_eq!(oracle.no_gain, 0.0);
    assert!((blind.like_rate[2].mean - blind.base.mean).abs() < 0.15, "{blind:?}");
    assert!(oracle.calibration.log_loss < blind.calibration.log_loss);
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let one = Options { threads: 1, ..options("timbre") };
    let two = Options { threads: 2, ..options("timbre") };
    assert_eq!(without_clock(study(&one).unwrap()), without_clock(study(&two).unwrap()));
}

#[test]
fn a_study_that_was_broken_off_goes_on_where_it_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { out: Some(folder.path().to_owned()), threads: 1, ..options(WHO) };
    let kit = Arc::new(small_kit());
    let blind =
        |_: Contender, kit, seed| -> Box<dyn Learner> { Box::new(Blind { kit, rng: Rng::new(seed) }) };
    // Meetings after the first one wait until the study is told to stop: it must not be over by then.
    let (meetings, told) = (AtomicUsize::new(0), AtomicBool::new(false));
    let waiting = |critic, kit, seed| {
        while meetings.fetch_add(1, Ordering::AcqRel) > 0 && !told.load(Ordering::Acquire) {
            std::thread::yield_now();
        }
        blind(critic, kit, seed)
    };
    let stopped = run(&options, &kit, &waiting, &mut |p| match p.done {
        0 => ControlFlow::Continue(()),
        _ => {
            told.store(true, Ordering::Release);
            ControlFlow::Break(())
        }
    });
    assert!(matches!(stopped, Err(StudyError::Cancelled)));
    // A run that was killed while it wrote leaves half a line.
    let file = folder.path().join("outcomes.jsonl");
    let mut bytes = std::fs::read(&file).unwrap();
    bytes.extend(b"{\"settings\":\"");
    std::fs::write(&file, bytes).unwrap();

    let mut found = None;
    let whole = run(&options, &kit, &blind, &mut |p| {
        found.get_or_insert(p.done);
        ControlFlow::Continue(())
    });
    assert!(found.unwrap() >= 1 && found.unwrap() < 4);
    let whole = whole.unwrap();
    let again = run(&options, &kit, &|_, _, _| unreachable!(), &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!(whole, again);
}

#[test]
fn other_settings_do_not_find_stored_results() {
    let folder = tempfile::tempdir().unwrap();
    let first = Options { out: Some(folder.path().to_owned()), ..options(WHO) };
    study(&first).unwrap();
    let other = Options { settings: Settings { fresh: 21, ..first.settings.clone() }, ..first };
    let kit = Arc::new(small_kit());
    let mut found = None;
    let blind = |_, kit, seed| -> Box<dyn Learner> { Box::new(Blind { kit, rng: Rng::new(seed) }) };
    run(&other, &kit, &blind, &mut |p| {
        found.get_or_insert(p.done);
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(found, Some(0));
}

#[test]
fn an_unknown_listener_is_an_error_that_names_the_others() {
    let error = study(&options("nobody")).unwrap_err().to_string();
    assert!(error.contains("nobody") && error.contains("genre/house"), "{error}");
}

#[test]
fn tables_and_plots_show_every_critic_and_family() {
    let options = options("timbre,metric");
    let summary = summarize(&options.settings, &study(&options).unwrap());
    let text = tables(&summary);
    for word in ["taste", "random", "timbre", "metric", "after 12", "ECE"] {
        assert!(text.contains(word), "{word} is missing in\n{text}");
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study.svg");
    plot(&summary, &path).unwrap();
    let svg = std::fs::read_to_string(path).unwrap();
    for word in ["taste", "random", "timbre", "ratings"] {
        assert!(svg.contains(word), "{word} is missing in the plot");
    }
}

//! The worker and its sounds: kits are built beside it, files are found, decoded and embedded.
//!
//! Worker thread, but for the builder's own thread, of which an instance has at most one.

use super::{MOST_CRASHES, Worker};
use crate::kit::load::Channels;
use crate::kit::{Kit, SampleId};
use crate::propose::{CriticKind, Learner};
use crate::runtime::ToWorker;
use crate::runtime::kits::{self, Own};
use crate::runtime::prepare::Prepared;
use crate::session::Effect;
use crate::session::command::{Command, KitChoice};
use crate::session::sounds::{Found, Wanted};
use crate::session::view::{KitView, Severity, WorkerView};
use crate::units::Seed;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// A kit that a builder made.
pub(in crate::runtime) struct LoadedKit {
    choice: KitChoice,
    result: Result<Ready, String>,
}

/// What a builder brings.
struct Ready {
    kit: Arc<Kit>,
    learner: Box<dyn Learner>,
    view: KitView,
    /// Sounds that the project uses beside the kit.
    found: Found,
    /// Why the kit that was chosen is not there and the factory's stands in for it.
    instead: Option<String>,
}

impl Ready {
    /// Whether every sound is there that the project needs, or one in its place.
    fn covers(&self, wanted: &Wanted) -> bool {
        let found = |id: SampleId| {
            self.found.samples.iter().any(|sample| sample.id == id)
                || self.found.stand_ins.iter().any(|(missing, _)| *missing == id)
        };
        wanted.ids.iter().all(|&(id, _)| self.kit.get(id).is_some() || found(id))
    }
}

/// What decides what a builder brings.
type Order = (KitChoice, Own, Seed);

/// The thread that makes or scans a kit, if there is one.
#[derive(Default)]
pub(super) struct Builder {
    thread: Option<JoinHandle<()>>,
    /// Ends what it does: another kit was chosen, or the instance closes.
    stop: Arc<AtomicBool>,
    /// What it was told to load.
    order: Option<Order>,
}

impl Builder {
    pub(super) fn is_busy(&self) -> bool {
        self.thread.is_some()
    }

    /// What it does is of no use any more.
    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::Release);
    }

    /// Ends it early and waits for its end.
    pub(super) fn end(&mut self) {
        self.stop();
        self.join();
    }

    fn join(&mut self) {
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }

    /// It reported: what it had been told to load, unless that was of no use any more.
    fn take_order(&mut self) -> Option<Order> {
        self.join();
        self.order.take().filter(|_| !self.stop.load(Ordering::Acquire))
    }

    /// A new order, and the flag that calls it off.
    fn begin(&mut self, order: Order) -> Arc<AtomicBool> {
        self.order = Some(order);
        self.stop = Arc::default();
        Arc::clone(&self.stop)
    }
}

impl Worker<'_> {
    pub(super) fn kit_view(&self, kit: &Kit) -> KitView {
        KitView {
            name: kit.name.clone(),
            sounds: kit.samples().len(),
            factory: kits::factory_list(),
            recent: self.machine.recent_kits.clone(),
            ..KitView::default()
        }
    }

    /// How the person's own sounds are loaded.
    pub(super) fn own(&self) -> Own {
        Own {
            home: self.shared.options.home.clone(),
            channels: if self.session.is_mono() { Channels::Mono } else { Channels::Keep },
            roles: self.machine.roles.clone(),
        }
    }

    fn kit_to_build(&self, choice: KitChoice) -> Order {
        (choice, self.own(), self.session.learner_seed_wanted())
    }

    pub(super) fn take_kit(&mut self, loaded: LoadedKit) {
        let brought = self.builder.take_order();
        let asked = Some(self.kit_to_build(self.session.kit_wanted().clone()));
        let covers = loaded.result.as_ref().map_or(true, |ready| ready.covers(&self.session.wanted()));
        if brought != asked || !covers {
            // Another kit was chosen meanwhile, or a project was loaded that needs more sounds.
            let choice = self.session.kit_wanted().clone();
            self.load_kit(choice);
            return;
        }
        match loaded.result {
            Ok(ready) => {
                self.kit_is_stand_in = ready.instead.is_some();
                match (ready.instead, &loaded.choice) {
                    (Some(reason), _) => {
                        let next_step = "The factory kit stands in for it. Choose another kit, or open the \
                                         project again when it is back.";
                        self.session.notify(Severity::Error, reason, next_step);
                    }
                    (None, KitChoice::Folders(folders)) => {
                        self.remember(|machine| {
                            folders.iter().rev().for_each(|folder| machine.remember_kit(folder));
                        });
                    }
                    (None, _) => {}
                }
                let mut view = ready.view;
                view.recent.clone_from(&self.machine.recent_kits);
                let mut effects = self.session.set_kit(ready.kit, ready.learner, view);
                effects.extend(self.session.set_found(ready.found));
                if self.outbox.plan().is_some() {
                    // The loop that is due goes out with the new sounds.
                    effects.retain(|effect| *effect == Effect::Mix);
                }
                self.carry_out(effects);
                self.prepared = Prepared::default();
                // A loop that is known already plays before the learner has learned; else the first one plays
                // before others are looked for.
                self.send_due();
                let effects = self.session.start();
                self.carry_out(effects);
                self.send_due();
                let effects = self.session.settle();
                // The queue is in the view and not in the document, whose revision therefore does not tell.
                self.published = 0;
                self.carry_out(effects);
                self.send_due();
                self.move_on();
                self.acknowledge();
            }
            Err(reason) if self.session.has_staged() => {
                self.session.refuse_staged(&reason);
                if self.session.kit().is_none() {
                    let choice = self.session.kit_choice().clone();
                    self.load_kit(choice);
                }
            }
            Err(reason) => {
                self.session.notify(Severity::Error, reason, "The factory kit is used instead.");
                if loaded.choice != KitChoice::Factory {
                    let effects = self.session.apply(Command::ChooseKit(KitChoice::Factory));
                    self.carry_out(effects);
                }
            }
        }
    }

    pub(super) fn load_kit(&mut self, choice: KitChoice) {
        if self.builder.is_busy() {
            // It reports when it is done, and then the other kit is begun; early where it is of no use.
            if self.builder.order != Some(self.kit_to_build(choice)) {
                self.builder.stop();
            }
            return;
        }
        let stop = self.builder.begin(self.kit_to_build(choice.clone()));
        self.status = WorkerView::Loading { done: 0, total: 0 };
        let (sender, shared) = (self.sender.clone(), Arc::clone(self.shared));
        let (critic, learner, seed) =
            (self.shared.options.critic, self.shared.options.learner, self.session.learner_seed_wanted());
        let kind = if self.links.crashes >= MOST_CRASHES { CriticKind::Random } else { critic };
        let (own, wanted, folders) = (self.own(), self.session.wanted(), self.machine.recent_kits.clone());
        let asks_at_once = self.session.asks_at_once();
        let spawned = std::thread::Builder::new().name("deepdrummer-kit".to_owned()).spawn(move || {
            let progress = |done, total| {
                shared.loading[0].store(done, Ordering::Relaxed);
                shared.loading[1].store(total, Ordering::Relaxed);
            };
            let made = catch_unwind(AssertUnwindSafe(|| {
                let loaded = kits::load(&choice, &own, &stop, &progress);
                let ((kit, view), instead) = match loaded {
                    // The folder may be back tomorrow, and a later release may have the factory kit: the
                    // project goes on naming it.
                    Err(unusable) if choice != KitChoice::Factory && !stop.load(Ordering::Acquire) => {
                        let (kit, view) = kits::load(&KitChoice::Factory, &own, &stop, &progress)?;
                        // The menu lists what could not be used of the folder.
                        let view = KitView { problems: unusable.problems, ..view };
                        ((kit, view), Some(unusable.reason))
                    }
                    loaded => (loaded?, None),
                };
                let found = kits::find(&kit, &wanted, &folders, &own, &stop);
                let mut learner = learner(kind, Arc::clone(&kit), seed);
                if let Some((lanes, any_sample)) = asks_at_once {
                    // The worker opens the taste profile meanwhile.
                    learner.prepare(&lanes, any_sample);
                }
                Ok(Ready { kit, learner, view, found, instead })
            }));
            let result = made.unwrap_or_else(|_| Err("The kit could not be built.".to_owned()));
            let _ = sender.send_timeout(
                ToWorker::Kit(Box::new(LoadedKit { choice, result })),
                Duration::from_millis(500),
            );
        });
        match spawned {
            Ok(thread) => self.builder.thread = Some(thread),
            Err(error) => self.session.notify(Severity::Error, format!("No thread for the kit: {error}"), ""),
        }
    }

    /// A file for a lane, or in place of a missing one. Then the others that are missing are looked for
    /// beside it: what was moved was mostly moved together.
    pub(super) fn load_sample(&mut self, lane: usize, path: &Path, replaces: Option<SampleId>) {
        let own = self.own();
        let loaded = kits::load_sample(path, &own);
        let effects = self.session.set_loaded_sample(lane, replaces, loaded);
        self.carry_out(effects);
        if replaces.is_some()
            && let Some(folder) = path.parent()
        {
            let samples = kits::find_beside(folder, &self.session.wanted(), &own);
            let effects = self.session.set_found(Found { samples, stand_ins: Vec::new() });
            self.carry_out(effects);
        }
    }

    /// Encodes the sounds that the person chose to have in the project. They are in memory, and each is
    /// encoded once.
    pub(super) fn embed(&mut self) {
        while let Some(sample) = self.session.next_to_embed() {
            let text = kits::carry(&sample);
            self.session.set_embedded(&sample, text);
        }
        self.published = self.session.revision();
    }
}

//! Keeps the taste profile in step with the session: what the person said goes into the profile, and
//! what they said in other projects comes back to the learner.
//!
//! Worker thread. What fails is told once and tried again; the session goes on without a profile, and
//! the project keeps its own judgements in any case.

use crate::session::foreign::MOST_FOREIGN;
use crate::session::view::Severity;
use crate::session::{ProfileChange, Session};
use crate::taste::Judgement;
use crate::taste::profile::{Key, Profile, ProfileError, Warning};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// How long after a failure the profile is tried again.
const RETRY: Duration = Duration::from_secs(3);

/// See the module's documentation.
pub(super) struct Ledger {
    /// `None`: this machine has no place for profiles, everything stays in memory.
    home: Option<PathBuf>,
    profile: Option<Profile>,
    /// The name that was asked for last and is not known to be impossible.
    name: String,
    /// The session's judgements as the profile knows them, or will once it can be opened.
    told: BTreeMap<u64, Key>,
    /// Revision and length of the log when it was compared last.
    seen: Option<(u64, usize)>,
    retry: Option<Instant>,
    failures: u32,
}

fn now_s() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

fn state_of(session: &Session) -> (u64, usize) {
    (session.log().revision(), session.log().entries().len())
}

fn keys_of(session: &Session) -> BTreeMap<u64, Key> {
    let keyed = |said: &Judgement| (said.serial, Key::of(session.seed().0, said));
    session.log().entries().iter().map(keyed).collect()
}

impl Ledger {
    pub(super) fn new(home: Option<&Path>) -> Self {
        Self {
            home: home.map(Path::to_owned),
            profile: None,
            name: String::new(),
            told: BTreeMap::new(),
            seen: None,
            retry: None,
            failures: 0,
        }
    }

    /// A session was made or loaded: takes up the profile that it names.
    pub(super) fn begin(&mut self, session: &mut Session) {
        if self.home.is_none() {
            return;
        }
        session.profile_name().trim().clone_into(&mut self.name);
        self.told = keys_of(session);
        self.retry = None;
        self.open(session);
    }

    /// Opens the profile unless it is open, and joins it. A failure is told and tried again.
    fn open(&mut self, session: &mut Session) {
        let Some(home) = &self.home else { return };
        if self.profile.as_ref().is_none_or(|open| open.name() != self.name) {
            self.profile = None;
            match Profile::open(home, &self.name, now_s()) {
                Ok((profile, warning)) => {
                    self.profile = Some(profile);
                    tell_warning(session, warning);
                }
                Err(error) => return self.fail(session, &error),
            }
        }
        match self.join(session) {
            Ok(()) => self.succeed(),
            Err(error) => self.fail(session, &error),
        }
        self.list(session);
    }

    /// Makes the profile know the session's judgements, and the session those of other projects.
    fn join(&mut self, session: &mut Session) -> Result<(), ProfileError> {
        let Some(profile) = &mut self.profile else { return Ok(()) };
        let keys = keys_of(session);
        let gone: Vec<Key> =
            self.told.values().filter(|key| keys.get(&key.serial) != Some(key)).copied().collect();
        let now_s = now_s();
        profile.adopt(session.seed().0, session.log().entries(), now_s)?;
        profile.change(session.seed().0, &[], &gone, now_s)?;
        self.told = keys;
        self.seen = Some(state_of(session));
        let own: BTreeSet<&Key> = self.told.values().collect();
        let all = profile.all(MOST_FOREIGN + own.len())?;
        let others = all.iter().filter(|stored| !own.contains(&stored.key)).map(|stored| stored.judgement);
        session.set_foreign(others.collect());
        Ok(())
    }

    /// Brings the profile up to the session's log after a command.
    pub(super) fn follow(&mut self, session: &mut Session) {
        let state = state_of(session);
        let Some(profile) = self.profile.as_mut().filter(|_| self.retry.is_none()) else { return };
        if self.seen == Some(state) {
            return;
        }
        let keys = keys_of(session);
        let is_new = |said: &&Judgement| self.told.get(&said.serial) != keys.get(&said.serial);
        let said: Vec<Judgement> = session.log().entries().iter().filter(is_new).copied().collect();
        let gone: Vec<Key> =
            self.told.values().filter(|key| keys.get(&key.serial) != Some(key)).copied().collect();
        match profile.change(session.seed().0, &said, &gone, now_s()) {
            Ok(()) => {
                self.told = keys;
                self.seen = Some(state);
            }
            Err(error @ (ProfileError::Missing { .. } | ProfileError::Damaged { .. })) => {
                // Opening sets a damaged file aside and starts a new one with all that is known here.
                session.notify(Severity::Warning, error.to_string(), "A new one of that name is started.");
                self.profile = None;
                self.open(session);
            }
            Err(error) => self.fail(session, &error),
        }
    }

    /// Tries again what failed a while ago.
    pub(super) fn look(&mut self, session: &mut Session) {
        if self.retry.is_some_and(|at| Instant::now() >= at) {
            self.open(session);
        }
    }

    /// The last chance before the instance ends.
    pub(super) fn finish(&mut self, session: &mut Session) {
        if self.retry.is_some() {
            self.open(session);
        }
    }

    /// What the person asked of the profile.
    pub(super) fn carry_out(&mut self, change: &ProfileChange, session: &mut Session) {
        if self.home.is_none() {
            let reason = "This machine has no folder for taste profiles.";
            session.notify(Severity::Warning, reason, "Your ratings stay in this project.");
            return;
        }
        self.follow(session);
        let done = match change {
            ProfileChange::Choose(name) => self.choose(name.trim(), session),
            ProfileChange::Rename(name) => self.rename(name.trim(), session),
            ProfileChange::Export(path) => self.open_profile(session).and_then(|profile| {
                profile.export_to(path)?;
                let text = format!("The taste profile was written to {}.", path.display());
                session.notify(Severity::Info, text, "");
                Ok(())
            }),
            ProfileChange::Import(path) => self.import(path, session),
            ProfileChange::Duplicate(name) => self.duplicate(name.trim(), session),
            ProfileChange::Befriend(name) => self.befriend(name, session),
        };
        if let Err(error) = done {
            session.notify(Severity::Error, error.to_string(), next_step(&error));
        }
        session.set_profile_name(&self.name);
        self.list(session);
    }

    fn open_profile(&mut self, session: &mut Session) -> Result<&mut Profile, ProfileError> {
        if self.profile.is_none()
            && let Some(home) = &self.home
        {
            let (profile, warning) = Profile::open(home, &self.name, now_s())?;
            self.profile = Some(profile);
            tell_warning(session, warning);
            self.join(session)?;
            self.succeed();
        }
        let missing =
            || ProfileError::Missing { attempt: "opened", path: self.home.clone().unwrap_or_default() };
        self.profile.as_mut().ok_or_else(missing)
    }

    /// What was said under the profile before stays in that one; in this project holds from now on what was
    /// said in it under the chosen one. A profile that is new starts afresh. Where the one before can't take
    /// what was said, it comes along: nothing is lost.
    fn choose(&mut self, name: &str, session: &mut Session) -> Result<(), ProfileError> {
        let Some(home) = self.home.clone() else { return Ok(()) };
        if name == self.name {
            return self.open_profile(session).map(|_| ());
        }
        let before = self.name.clone();
        let is_kept = !before.is_empty() && self.open_profile(session).is_ok() && self.join(session).is_ok();
        let (profile, warning) = Profile::open(&home, name, now_s())?;
        let own = if is_kept {
            let stored = profile.all(usize::MAX)?;
            let own = stored.into_iter().filter(|stored| stored.key.origin == session.seed().0);
            Some(own.map(|stored| stored.judgement).collect())
        } else {
            None
        };
        self.profile = Some(profile);
        name.clone_into(&mut self.name);
        tell_warning(session, warning);
        match own {
            Some(own) => session.take_up(own),
            None if session.log().entries().is_empty() => {}
            None => {
                let text = format!("The ratings of this project came along to “{name}”.");
                let next_step = "The profile that was in use could not be written.";
                session.notify(Severity::Warning, text, next_step);
            }
        }
        self.told = keys_of(session);
        self.join(session)?;
        self.succeed();
        Ok(())
    }

    fn rename(&mut self, name: &str, session: &mut Session) -> Result<(), ProfileError> {
        self.open_profile(session)?.rename(name)?;
        name.clone_into(&mut self.name);
        Ok(())
    }

    fn import(&mut self, path: &Path, session: &mut Session) -> Result<(), ProfileError> {
        let new = self.open_profile(session)?.merge_from(path, now_s())?;
        self.join(session)?;
        let text = match new {
            0 => "The profile holds nothing that yours does not.".to_owned(),
            1 => "1 judgement was added to your taste profile.".to_owned(),
            new => format!("{new} judgements were added to your taste profile."),
        };
        session.notify(Severity::Info, text, "");
        Ok(())
    }

    /// A copy of the profile in use, which is in use from then on.
    fn duplicate(&mut self, name: &str, session: &mut Session) -> Result<(), ProfileError> {
        let Some(home) = self.home.clone() else { return Ok(()) };
        if Profile::path_of(&home, name)?.exists() {
            return Err(ProfileError::Exists { attempt: "copied", name: name.to_owned() });
        }
        let from = self.open_profile(session)?.path();
        let (mut copy, _) = Profile::open(&home, name, now_s())?;
        copy.merge_from(&from, now_s())?;
        self.choose(name, session)
    }

    /// Another profile of this machine is heard beside the one in use.
    fn befriend(&mut self, name: &str, session: &mut Session) -> Result<(), ProfileError> {
        let Some(home) = &self.home else { return Ok(()) };
        read_friend(&Profile::path_of(home, name)?, name, session);
        Ok(())
    }

    fn list(&self, session: &mut Session) {
        let Some(home) = &self.home else { return };
        match Profile::list(home) {
            Ok(names) => session.set_profiles(names),
            Err(error) => session.notify(Severity::Warning, error.to_string(), next_step(&error)),
        }
    }

    fn succeed(&mut self) {
        self.retry = None;
        self.failures = 0;
    }

    fn fail(&mut self, session: &mut Session, error: &ProfileError) {
        self.failures += 1;
        let is_locked = matches!(error, ProfileError::Locked { .. });
        let is_final = matches!(
            error,
            ProfileError::Newer { .. } | ProfileError::Name { .. } | ProfileError::Remote { .. }
        );
        self.retry = (!is_final).then(|| Instant::now() + RETRY);
        // Many instances that start at once wait for each other; that alone is nothing to be told.
        if !is_locked || self.failures > 1 {
            session.notify(Severity::Warning, error.to_string(), next_step(error));
        }
    }
}

/// Reads a friend's profile, which stays as it is.
pub(super) fn read_friend(path: &Path, name: &str, session: &mut Session) {
    let read = Profile::read_from(path, MOST_FOREIGN, now_s());
    let said = read.map(|all| all.into_iter().map(|stored| stored.judgement).collect());
    session.set_read_friend(path, name, said.map_err(|error| error.to_string()));
}

/// The friend's profile of a project that was opened is read.
pub(super) fn read_friend_of(session: &mut Session) {
    if let Some(path) = session.friend_to_read() {
        let name = name_of(&path);
        read_friend(&path, &name, session);
    }
}

/// What a friend is called whose profile is a file.
pub(super) fn name_of(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn next_step(error: &ProfileError) -> &'static str {
    match error {
        ProfileError::Name { .. } | ProfileError::Exists { .. } => "Choose another name.",
        ProfileError::Remote { .. } => {
            "Name a folder of this machine in DEEPDRUMMER_HOME. Your ratings stay in this project."
        }
        ProfileError::Newer { .. } => "Update DeepDrummer to use it. Your ratings stay in this project.",
        ProfileError::Damaged { .. } | ProfileError::Missing { .. } => "",
        ProfileError::Io { .. }
        | ProfileError::Storage { .. }
        | ProfileError::Locked { .. }
        | ProfileError::LimitReached { .. } => "Your ratings stay in this project.",
    }
}

fn tell_warning(session: &mut Session, warning: Option<Warning>) {
    match warning {
        None => {}
        Some(Warning::SetAside { path, reason, restored }) => {
            let text = format!(
                "The taste profile was damaged ({reason}). It is kept as {}; {restored} judgements came back \
                 from a backup.",
                path.display()
            );
            session.notify(Severity::Error, text, "This project's ratings are in the new profile.");
        }
        Some(Warning::NoBackup(error)) => {
            session.notify(Severity::Warning, error.to_string(), "The profile itself works.");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::{Audio, Kit, Origin, Sample, SampleId};
    use crate::pattern::Role;
    use crate::propose::{CriticKind, learner};
    use crate::session::command::Command;
    use crate::session::doc::Document;
    use crate::session::view::{KitView, WorkerView};
    use crate::taste::Verdict;
    use crate::units::{SampleRate, Seed};
    use std::sync::Arc;

    fn kit() -> Arc<Kit> {
        let samples = Role::ALL.iter().map(|&role| {
            let left = (0..480).map(|t| (t as f32 * 0.1).sin() * 0.5).collect();
            let audio = Audio { rate: SampleRate::STUDIO, left, right: None };
            let origin = Origin::Factory { kit: "test".into() };
            let id = SampleId(role.index() as u64 + 1);
            Arc::new(Sample::decoded(id, role.label().to_owned(), role, origin, audio))
        });
        Arc::new(Kit::new("test", samples))
    }

    fn session_of(document: Document) -> Session {
        let mut session = Session::new(document);
        let learner = learner(CriticKind::Random, kit(), session.seed());
        let _ = session.set_kit(kit(), learner, KitView::default());
        let _ = session.settle();
        session
    }

    fn session(seed: u64) -> Session {
        session_of(Document::new(Seed(seed), Role::default_lanes(4)))
    }

    fn rate(session: &mut Session, ledger: &mut Ledger, like: bool) {
        let (id, _) = session.current().unwrap();
        let _ = session.apply(Command::Rate { id, verdict: Verdict::of(like) });
        ledger.follow(session);
        let _ = session.settle();
    }

    fn apply(session: &mut Session, ledger: &mut Ledger, command: Command) {
        for effect in session.apply(command) {
            if let crate::session::Effect::Profile(change) = effect {
                ledger.carry_out(&change, session);
            }
        }
        ledger.follow(session);
    }

    fn held(home: &Path, name: &str) -> usize {
        let (profile, warning) = Profile::open(home, name, 0).unwrap();
        assert!(warning.is_none(), "{warning:?}");
        profile.all(1000).unwrap().len()
    }

    fn notices(session: &mut Session) -> Vec<String> {
        let notices = session.view(WorkerView::Starting).notices;
        notices.into_iter().map(|notice| notice.text).collect()
    }

    #[test]
    fn the_profile_follows_ratings_undo_redo_and_forgetting() {
        let home = tempfile::tempdir().unwrap();
        let (mut session, mut ledger) = (session(1), Ledger::new(Some(home.path())));
        ledger.begin(&mut session);
        let first = session.current().unwrap().0;
        for like in [true, false, true] {
            rate(&mut session, &mut ledger, like);
        }
        assert_eq!(held(home.path(), "My taste"), 3);
        apply(&mut session, &mut ledger, Command::Undo);
        assert_eq!(held(home.path(), "My taste"), 2);
        apply(&mut session, &mut ledger, Command::Redo);
        assert_eq!(held(home.path(), "My taste"), 3);
        apply(&mut session, &mut ledger, Command::Forget(first));
        assert_eq!(held(home.path(), "My taste"), 2);
        // Said otherwise: the earlier word goes, the later one stays.
        apply(&mut session, &mut ledger, Command::Undo);
        apply(&mut session, &mut ledger, Command::Rate { id: first, verdict: Verdict::of(false) });
        assert_eq!(held(home.path(), "My taste"), 3);
        assert!(notices(&mut session).is_empty());
    }

    #[test]
    fn other_projects_learn_from_it_and_the_own_ones_are_not_told_twice() {
        let home = tempfile::tempdir().unwrap();
        let (mut one, mut ledger) = (session(1), Ledger::new(Some(home.path())));
        ledger.begin(&mut one);
        rate(&mut one, &mut ledger, true);
        rate(&mut one, &mut ledger, false);
        let (mut two, mut other) = (session(2), Ledger::new(Some(home.path())));
        other.begin(&mut two);
        assert_eq!(two.foreign_count(), 2);
        rate(&mut two, &mut other, true);
        assert_eq!(two.document().judgements.len(), 1, "those of other projects are not saved");
        // The first project, loaded again.
        let mut again = session_of(one.document());
        ledger.begin(&mut again);
        assert_eq!(again.foreign_count(), 1);
        assert_eq!(held(home.path(), "My taste"), 3);
    }

    #[test]
    fn an_older_state_of_a_project_takes_nothing_back() {
        let home = tempfile::tempdir().unwrap();
        let (mut session, mut ledger) = (session(1), Ledger::new(Some(home.path())));
        ledger.begin(&mut session);
        rate(&mut session, &mut ledger, true);
        let earlier = session.document();
        rate(&mut session, &mut ledger, false);
        let mut loaded = session_of(earlier);
        ledger.begin(&mut loaded);
        assert_eq!(held(home.path(), "My taste"), 2);
        assert_eq!(loaded.foreign_count(), 1);
        // It goes on with the same serial, and says something else.
        rate(&mut loaded, &mut ledger, true);
        assert_eq!(held(home.path(), "My taste"), 3);
    }

    #[test]
    fn profiles_are_chosen_renamed_exported_and_imported_and_the_menu_knows_them() {
        let home = tempfile::tempdir().unwrap();
        let (mut session, mut ledger) = (session(1), Ledger::new(Some(home.path())));
        ledger.begin(&mut session);
        rate(&mut session, &mut ledger, true);
        apply(&mut session, &mut ledger, Command::ChooseProfile(" Techno ".to_owned()));
        rate(&mut session, &mut ledger, false);
        apply(&mut session, &mut ledger, Command::RenameProfile("Acid".to_owned()));
        let view = session.view(WorkerView::Starting).profile;
        assert_eq!((view.name.as_str(), view.all), ("Acid", vec!["Acid".to_owned(), "My taste".to_owned()]));
        assert!(notices(&mut session).is_empty());
        let file = home.path().join("acid.sqlite3");
        apply(&mut session, &mut ledger, Command::ExportProfile(file.clone()));
        let (mut other, mut others) = (super::tests::session(2), Ledger::new(Some(home.path())));
        apply(&mut other, &mut others, Command::ChooseProfile("Fresh".to_owned()));
        apply(&mut other, &mut others, Command::ImportProfile(file));
        assert_eq!(other.foreign_count(), 1);
        assert_eq!(notices(&mut other), ["1 judgement was added to your taste profile."]);
    }

    #[test]
    fn a_new_profile_starts_afresh_and_the_one_before_keeps_what_was_said() {
        let home = tempfile::tempdir().unwrap();
        let (mut session, mut ledger) = (session(1), Ledger::new(Some(home.path())));
        ledger.begin(&mut session);
        for like in [true, false, true] {
            rate(&mut session, &mut ledger, like);
        }
        let loops = session.history().entries().len();
        apply(&mut session, &mut ledger, Command::ChooseProfile("Fresh".to_owned()));
        let view = session.view(WorkerView::Starting);
        assert_eq!((view.taste.likes, view.taste.dislikes), (0, 0));
        assert_eq!((session.foreign_count(), held(home.path(), "Fresh")), (0, 0));
        assert_eq!(held(home.path(), "My taste"), 3);
        assert!(view.history.iter().all(|entry| entry.verdict.is_none()));
        assert_eq!(view.history.len(), loops, "the loops stay");
        // Undo never says under this taste what was said under another one.
        while session.view(WorkerView::Starting).undo.is_some() {
            apply(&mut session, &mut ledger, Command::Undo);
        }
        assert_eq!((held(home.path(), "Fresh"), held(home.path(), "My taste")), (0, 3));
        rate(&mut session, &mut ledger, false);
        assert_eq!((held(home.path(), "Fresh"), held(home.path(), "My taste")), (1, 3));
        // Back again: what was said there holds again, and nothing of the other.
        apply(&mut session, &mut ledger, Command::ChooseProfile("My taste".to_owned()));
        let view = session.view(WorkerView::Starting);
        assert_eq!((view.taste.likes, view.taste.dislikes, session.foreign_count()), (2, 1, 0));
        assert_eq!(view.history.iter().filter(|entry| entry.verdict == Some(true)).count(), 2);
        rate(&mut session, &mut ledger, true);
        assert_eq!((held(home.path(), "Fresh"), held(home.path(), "My taste")), (1, 4));
        // Loaded again, the project still has what it had.
        let mut again = session_of(session.document());
        ledger.begin(&mut again);
        assert_eq!(again.document().judgements.len(), 4);
        assert!(notices(&mut session).is_empty());
    }

    #[test]
    fn what_cannot_be_done_is_told_and_the_old_profile_stays_in_use() {
        let home = tempfile::tempdir().unwrap();
        let (mut session, mut ledger) = (session(1), Ledger::new(Some(home.path())));
        ledger.begin(&mut session);
        drop(Profile::open(home.path(), "Jazz", 0).unwrap());
        for command in [
            Command::RenameProfile("Jazz".to_owned()),
            Command::ChooseProfile("  ".to_owned()),
            Command::ImportProfile(home.path().join("nothing there")),
            Command::ExportProfile(home.path().join("no folder/x")),
        ] {
            let before = notices(&mut session).len();
            apply(&mut session, &mut ledger, command.clone());
            assert_eq!(notices(&mut session).len(), before + 1, "{command:?}");
            assert_eq!(session.profile_name(), "My taste");
        }
        rate(&mut session, &mut ledger, true);
        assert_eq!(held(home.path(), "My taste"), 1);
    }

    #[test]
    fn a_profile_that_is_damaged_while_it_is_in_use_is_started_anew_with_the_project() {
        let home = tempfile::tempdir().unwrap();
        let (mut session, mut ledger) = (session(1), Ledger::new(Some(home.path())));
        ledger.begin(&mut session);
        rate(&mut session, &mut ledger, true);
        std::fs::write(home.path().join("profiles/My taste.sqlite3"), [7; 5000]).unwrap();
        rate(&mut session, &mut ledger, true);
        assert_eq!(held(home.path(), "My taste"), 2);
        assert!(notices(&mut session).iter().any(|text| text.contains("damaged")));
        // Renamed by another window: the same.
        Profile::open(home.path(), "My taste", 0).unwrap().0.rename("Elsewhere").unwrap();
        rate(&mut session, &mut ledger, true);
        assert_eq!((held(home.path(), "My taste"), held(home.path(), "Elsewhere")), (3, 2));
    }

    #[test]
    fn a_profile_that_comes_back_gets_all_that_was_said_and_taken_back_meanwhile() {
        let home = tempfile::tempdir().unwrap();
        let (mut session, mut ledger) = (session(1), Ledger::new(Some(home.path())));
        ledger.begin(&mut session);
        let first = session.current().unwrap().0;
        rate(&mut session, &mut ledger, true);
        // The project is opened again while its home is away.
        let away = home.path().join("away");
        std::fs::rename(home.path().join("profiles"), &away).unwrap();
        std::fs::write(home.path().join("profiles"), "").unwrap();
        let (mut session, mut ledger) = (session_of(session.document()), Ledger::new(Some(home.path())));
        ledger.begin(&mut session);
        assert_eq!(notices(&mut session).len(), 1);
        apply(&mut session, &mut ledger, Command::Forget(first));
        rate(&mut session, &mut ledger, true);
        rate(&mut session, &mut ledger, false);
        std::fs::remove_file(home.path().join("profiles")).unwrap();
        std::fs::rename(away, home.path().join("profiles")).unwrap();
        ledger.finish(&mut session);
        assert_eq!(held(home.path(), "My taste"), 2);
        assert_eq!(session.foreign_count(), 0, "what was forgotten does not come back as another project's");
    }

    #[test]
    fn without_a_home_everything_stays_in_memory() {
        let (mut session, mut ledger) = (session(1), Ledger::new(None));
        ledger.begin(&mut session);
        rate(&mut session, &mut ledger, true);
        assert!(notices(&mut session).is_empty());
        apply(&mut session, &mut ledger, Command::ExportProfile(PathBuf::from("x")));
        assert_eq!(notices(&mut session).len(), 1);
        assert_eq!(session.document().judgements.len(), 1);
    }

    #[test]
    fn a_profile_is_duplicated_and_both_go_their_own_ways() {
        let home = tempfile::tempdir().unwrap();
        let (mut session, mut ledger) = (session(1), Ledger::new(Some(home.path())));
        ledger.begin(&mut session);
        rate(&mut session, &mut ledger, true);
        rate(&mut session, &mut ledger, false);
        apply(&mut session, &mut ledger, Command::DuplicateProfile("A copy".to_owned()));
        assert_eq!(session.profile_name(), "A copy");
        assert_eq!((held(home.path(), "My taste"), held(home.path(), "A copy")), (2, 2));
        rate(&mut session, &mut ledger, true);
        assert_eq!((held(home.path(), "My taste"), held(home.path(), "A copy")), (2, 3));
        // One of that name is never written over.
        apply(&mut session, &mut ledger, Command::DuplicateProfile("My taste".to_owned()));
        assert_eq!((session.profile_name(), held(home.path(), "My taste")), ("A copy", 2));
        assert_eq!(notices(&mut session).len(), 1);
    }

    #[test]
    fn a_friends_profile_is_heard_and_stays_as_it_is() {
        let home = tempfile::tempdir().unwrap();
        let (mut session, mut ledger) = (session(1), Ledger::new(Some(home.path())));
        ledger.begin(&mut session);
        rate(&mut session, &mut ledger, true);
        apply(&mut session, &mut ledger, Command::ChooseProfile("Anna".to_owned()));
        rate(&mut session, &mut ledger, false);
        rate(&mut session, &mut ledger, false);
        apply(&mut session, &mut ledger, Command::ChooseProfile("My taste".to_owned()));
        let path = Profile::path_of(home.path(), "Anna").unwrap();
        let before = std::fs::read(&path).unwrap();
        apply(&mut session, &mut ledger, Command::BringProfile("Anna".to_owned()));
        let friend = session.view(WorkerView::Starting).taste.whose.friend.unwrap();
        assert_eq!((friend.name.as_str(), friend.ratings), ("Anna", Some(2)));
        rate(&mut session, &mut ledger, true);
        assert_eq!((std::fs::read(&path).unwrap() == before, held(home.path(), "Anna")), (true, 2));
        assert_eq!(session.foreign_count(), 0, "nothing of it is the person's own");
        // Opened again it is read again.
        let mut session = session_of(session.document());
        read_friend_of(&mut session);
        assert_eq!(session.view(WorkerView::Starting).taste.whose.friend.unwrap().ratings, Some(2));
    }
}

//! Whose taste counts: this project's beside that of the others, and a friend's beside both.
//!
//! Worker thread. What a friend's file holds comes from [`crate::runtime`] ([`Effect::ReadFriend`]); the project keeps
//! where it is and how it counts. It is never written, and nothing of it enters the person's own profile.

use super::undo::Change;
use super::view::{FriendView, Severity, WhoseView};
use super::{Effect, Session};
use crate::session::foreign::MOST_FOREIGN;
use crate::taste::Judgement;
use crate::taste::friend::{Beside, Friend, PROJECT_SHARE, Together, sanitized};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Statements that both like which are shown at most.
pub(super) const MOST_SHARED: usize = 4;
/// How much a friend counts at first.
const AT_FIRST: f32 = 0.3;

/// The friend of a project, and what was read of the file.
#[derive(Default)]
pub(super) struct Whose {
    friend: Option<Friend>,
    read: Option<(PathBuf, Arc<[Judgement]>)>,
    /// What both like, in words.
    pub(super) shared: Vec<String>,
}

impl Whose {
    /// What a project keeps.
    pub(super) fn new(friend: Option<Friend>) -> Self {
        Self { friend, ..Self::default() }
    }

    pub(super) fn friend(&self) -> Option<&Friend> {
        self.friend.as_ref()
    }
}

impl Session {
    /// How much what was said in this project counts, 0 to 1: ½ is as much as what was said in others.
    #[must_use]
    pub fn project_share(&self) -> f32 {
        self.teaching.project_share()
    }

    pub(super) fn set_project_share(&mut self, share: f32) -> Vec<Effect> {
        let before = self.teaching.project_share();
        let after = sanitized(share, PROJECT_SHARE);
        if before.to_bits() != after.to_bits() {
            self.teaching.set_project_share(after);
            self.undo.push("Whose taste", vec![Change::ProjectShare { before, after }]);
        }
        Vec::new()
    }

    /// Where the friend's profile is that must be read, if there is one.
    #[must_use]
    pub(crate) fn friend_to_read(&self) -> Option<PathBuf> {
        let friend = self.whose.friend()?;
        let known = self.whose.read.as_ref().is_some_and(|(path, _)| *path == friend.path);
        (!known).then(|| friend.path.clone())
    }

    /// A friend's profile was read, or could not be. Where it is that of a friend who is there already, what was read
    /// is heard; else the friend is new.
    pub fn set_read_friend(&mut self, path: &Path, name: &str, read: Result<Vec<Judgement>, String>) {
        self.touch();
        let name: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
        let mut said = match read {
            Ok(said) => said,
            Err(reason) => {
                let next_step = "The project goes on without it. Choose the file again where it was moved.";
                self.notify(Severity::Warning, format!("“{name}” can't be heard: {reason}."), next_step);
                return;
            }
        };
        if said.is_empty() {
            self.notify(Severity::Info, format!("“{name}” holds no ratings yet."), "");
        }
        said.drain(..said.len().saturating_sub(MOST_FOREIGN));
        self.whose.read = Some((path.to_owned(), said.into()));
        if self.whose.friend().is_none_or(|friend| friend.path != path) {
            let friend =
                Friend { name, path: path.to_owned(), share: AT_FIRST, together: Together::default() };
            self.change_friend("Add a friend", Some(friend));
        }
        self.hear_friend();
    }

    /// How much a friend counts, and how.
    pub(super) fn set_friend(&mut self, share: f32, together: Together) -> Vec<Effect> {
        let Some(friend) = self.whose.friend().cloned() else { return Vec::new() };
        let share = sanitized(share, friend.share);
        self.change_friend("Whose taste", Some(Friend { share, together, ..friend }));
        Vec::new()
    }

    pub(super) fn remove_friend(&mut self) -> Vec<Effect> {
        self.change_friend("Remove a friend", None);
        Vec::new()
    }

    fn change_friend(&mut self, label: &str, after: Option<Friend>) {
        if after == self.whose.friend {
            return;
        }
        let before = std::mem::replace(&mut self.whose.friend, after.clone());
        self.undo.push(label, vec![Change::Friend { before, after }]);
        self.hear_friend();
    }

    /// Undo and redo; the file is read again where it is another one.
    pub(super) fn put_friend(&mut self, friend: Option<Friend>) -> Option<Effect> {
        self.whose.friend = friend;
        self.hear_friend();
        self.friend_to_read().map(Effect::ReadFriend)
    }

    /// The learner hears the friend, where the file was read.
    fn hear_friend(&mut self) {
        let beside = self.whose.friend().and_then(|friend| {
            let (_, said) = self.whose.read.as_ref().filter(|(path, _)| *path == friend.path)?;
            Some(Beside { said: Arc::clone(said), share: friend.share, together: friend.together })
        });
        self.teaching.set_friend(beside);
    }

    pub(super) fn whose_view(&self) -> WhoseView {
        let friend = self.whose.friend().map(|friend| {
            let read = self.whose.read.as_ref().filter(|(path, _)| *path == friend.path);
            FriendView {
                name: friend.name.clone(),
                share: friend.share,
                together: friend.together,
                ratings: read.map(|(_, said)| said.len()),
                shared: self.whose.shared.clone(),
            }
        });
        WhoseView { project_share: self.project_share(), friend }
    }
}

#[cfg(test)]
mod tests;

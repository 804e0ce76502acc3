//! Claims in words.
//!
//! Worker thread. Each phrase says what is heard, by the lane's name as the window shows it, and the bound where
//! that is a number.

use super::claims::{Claim, PLACES, Quantity, Side};
use crate::kit::Kit;
use crate::pattern::Role;

/// What places are called: where all of them play, and where none does.
const NAMES: [(&str, &str); PLACES.len()] = [
    ("on every beat", "on any beat"),
    ("on the backbeat", "on the backbeat"),
    ("on one and three", "on one or three"),
    ("on every off-beat", "on any off-beat"),
    ("in eighths throughout", "on any eighth"),
    ("on every sixteenth between the eighths", "between the eighths"),
    ("in sixteenths throughout", "anywhere"),
    ("in three-three-two", "on the steps of three-three-two"),
    ("in the son clave", "on the steps of the son clave"),
    ("on every third step", "on every third step"),
    ("on both steps of the last eighth", "in the last eighth"),
    ("on all of the last beat", "in the last beat"),
];

fn place(phases: u16, played: bool) -> String {
    let beats = ["one", "two", "three", "four"];
    if let Some(at) = PLACES.iter().position(|known| *known == phases) {
        let (all, none) = NAMES[at];
        return if played { all } else { none }.to_owned();
    }
    let step = phases.trailing_zeros() as usize;
    match (step % 4, beats.get(step / 4)) {
        (0, Some(beat)) => format!("on the {beat}"),
        (2, Some(beat)) => format!("on the off-beat after {beat}"),
        _ => format!("on step {}", step + 1),
    }
}

fn hertz(value: f32) -> String {
    if value >= 1_000.0 { format!("{:.1} kHz", value / 1_000.0) } else { format!("{value:.0} Hz") }
}

fn seconds(value: f32) -> String {
    if value < 1.0 { format!("{:.0} ms", value * 1_000.0) } else { format!("{value:.1} s") }
}

fn hits(count: f32) -> String {
    if count == 1.0 { "1 hit".to_owned() } else { format!("{count:.0} hits") }
}

impl Claim {
    /// What a person reads, for example "Closed hat on every off-beat".
    #[must_use]
    pub fn text(&self, kit: &Kit) -> String {
        of(self, kit)
    }
}

fn of(claim: &Claim, kit: &Kit) -> String {
    let (more, bound) = (claim.side == Side::AtLeast, claim.bound);
    let pick = |much: &str, little: &str| if more { much } else { little }.to_owned();
    let low = |role: Role| if role == Role::Fx { "FX".to_owned() } else { role.label().to_lowercase() };
    match claim.quantity {
        Quantity::Cover(role, at) if more => format!("{} {}", role.label(), place(at, true)),
        Quantity::Cover(role, at) => format!("No {} {}", low(role), place(at, false)),
        Quantity::Only(role, at) => format!("{} {} and nowhere else", role.label(), place(at, true)),
        Quantity::Count(role) if more => format!("{}: {} a bar or more", role.label(), hits(bound)),
        Quantity::Count(role) if bound < 0.5 => format!("No {} at all", low(role)),
        Quantity::Count(role) => format!("{}: {} a bar at most", role.label(), hits(bound)),
        Quantity::Level(role) => {
            let side = pick("hard, velocity", "soft, velocity");
            format!("{} {side} {bound:.0} or {}", role.label(), pick("more", "less"))
        }
        Quantity::Ghosts(role) if more => format!("Ghost notes in the {} lane", low(role)),
        Quantity::Ghosts(role) => format!("No ghost notes in the {} lane", low(role)),
        Quantity::Halves(role) if more => format!("{}: other second half than first", role.label()),
        Quantity::Halves(role) => format!("{}: second half as the first", role.label()),
        Quantity::Bright(role) => format!(
            "{} {} sound (centre {} {})",
            pick("Bright", "Dark"),
            low(role),
            pick("above", "below"),
            hertz(bound)
        ),
        Quantity::Length(role) => {
            let (side, than) = (pick("Long", "Short"), pick("over", "under"));
            format!("{side} {} sound ({than} {})", low(role), seconds(bound))
        }
        Quantity::Noise(role) => format!("{} {} sound", pick("Noisy", "Tonal"), low(role)),
        Quantity::Loud(role) => format!("{} {} sound, as recorded", pick("Loud", "Quiet"), low(role)),
        Quantity::Sound(role, id) => {
            let name = kit.index_of(id).map_or("one sound", |at| &kit.samples()[at].name);
            format!("{} plays “{name}”", role.label())
        }
        Quantity::Hits => {
            format!("{} loop: {} a bar or {}", pick("Busy", "Sparse"), hits(bound), pick("more", "fewer"))
        }
        Quantity::Steps => {
            format!("Something on {bound:.0} steps of the bar or {}", pick("more", "fewer"))
        }
        Quantity::Lanes if more => format!("{bound:.0} lanes or more play"),
        Quantity::Lanes => format!("{bound:.0} lanes at most play"),
        Quantity::Swing if more => format!("Swing of {bound:.0} % or more"),
        Quantity::Swing => "Straight, no swing".to_owned(),
        Quantity::AllLevel => {
            format!("{} hits: mean velocity {bound:.0} or {}", pick("Hard", "Soft"), pick("more", "less"))
        }
        Quantity::Contrast => pick("Loud hits against soft ones", "All hits about equally loud"),
        Quantity::BeatAccents => {
            pick("Beats louder than what is between", "Beats softer than what is between")
        }
        Quantity::Growing => pick("Louder towards the end of the bar", "Softer towards the end of the bar"),
        Quantity::AllGhosts if more => format!("Ghost notes: {bound:.0} a bar or more"),
        Quantity::AllGhosts => "No ghost notes".to_owned(),
        Quantity::Rest if more => format!("A rest of {bound:.0} sixteenths or longer"),
        Quantity::Rest => {
            format!("No rest longer than {bound:.0} sixteenth{}", if bound > 1.0 { "s" } else { "" })
        }
        Quantity::Together => pick("Lanes strike together", "Lanes take turns"),
        Quantity::Fill => pick("Much in the last beat", "Little in the last beat"),
        Quantity::AllHalves if more => "Second half of the bar unlike the first".to_owned(),
        Quantity::AllHalves => "Second half of the bar as the first".to_owned(),
        Quantity::Threes => "A lane in three-three-two".to_owned(),
        Quantity::AllBright => pick("Bright sounds", "Dark sounds"),
        Quantity::AllLength => pick("Sounds that ring on", "Short sounds"),
        Quantity::AllNoise => pick("Noisy sounds", "Tonal sounds"),
    }
}

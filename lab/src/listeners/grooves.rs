//! The grooves that simulated listeners have in their ears: what they call house, samba or trap.
//!
//! Any thread; static data. Written for the listeners alone: the generator's prior has its own
//! styles and must never read these, or the study would examine the learner with its own answers.
//!
//! A groove is three rows of sixteen sixteenths, for whatever sounds low, in the middle and bright.
//! `X` is an accent, `x` a hit, `g` a ghost note, `.` nothing.

/// One way to play a style: the rows low, mid and bright.
pub type Groove = [&'static str; 3];

/// A style and its two common ways of playing it.
pub struct Style {
    /// The name that listeners are called by.
    pub name: &'static str,
    /// Its variants; a listener takes the one that fits best.
    pub variants: [Groove; 2],
}

/// All styles, in an order that never changes: listeners' seeds depend on names, reports on order.
pub const STYLES: [Style; 22] = [
    Style {
        name: "house",
        variants: [
            ["X...X...X...X...", "....X.......X...", "..x...x...x...x."],
            ["X...X...X...X...", "....X..g....X.g.", "g.x.g.x.g.x.g.xx"],
        ],
    },
    Style {
        name: "techno",
        variants: [
            ["X...X...X...X...", "............x...", "x.X.x.X.x.X.x.X."],
            ["X...X...X...X..x", "...x......x.....", "gxXxgxXxgxXxgxXx"],
        ],
    },
    Style {
        name: "electro",
        variants: [
            ["X..x..x...x.....", "....X.......X...", "x.x.x.xxx.x.x.xx"],
            ["X.....X...x..x..", "....X.......X..g", "xxx.x.x.xxx.x.x."],
        ],
    },
    Style {
        name: "boom_bap",
        variants: [
            ["X.x.....x.X.....", "....X.......X...", "x.x.x.x.x.x.x.x."],
            ["X......x..X..x..", "....X..g.g..X...", "x.x.x.x.x.x.x.xx"],
        ],
    },
    Style {
        name: "trap",
        variants: [
            ["X.....x...x..x..", "........X.......", "x.x.xxx.x.x.x.xx"],
            ["X..x......x...x.", "........X.....g.", "xxx.x.x.xxxxx.x."],
        ],
    },
    Style {
        name: "breakbeat",
        variants: [
            ["X.X.......X.....", "....X..g.g..X..g", "x.x.x.x.x.x.x.x."],
            ["X.X....x..XX....", "....X.......X...", "x.x.x.x.x.x.x.x."],
        ],
    },
    Style {
        name: "drum_and_bass",
        variants: [
            ["X.........X.....", "....X.......X...", "x.x.x.x.x.x.x.x."],
            ["X..x......X.....", "....X..g.g..X.g.", "xxxxxxxxxxxxxxxx"],
        ],
    },
    Style {
        name: "garage",
        variants: [
            ["X.........x.....", "....X.......X...", "..x..xx...x..xx."],
            ["X......x..x...x.", "....X..g....X...", "x.xx..x.x.xx..x."],
        ],
    },
    Style {
        name: "dubstep",
        variants: [
            ["X.....x.........", "........X.......", "x..x..x.x..x..x."],
            ["X..x......x..x..", "........X....g..", "..x...x...x.x.x."],
        ],
    },
    Style {
        name: "dembow",
        variants: [
            ["X...X...X...X...", "...x..X....x..X.", "x.x.x.x.x.x.x.x."],
            ["X.......X.......", "...X..x....X..x.", "....x.......x..."],
        ],
    },
    Style {
        name: "afrobeat",
        variants: [
            ["X.....x.x.....x.", "....x..x..x..x..", "x.xxx.xxx.xxx.xx"],
            ["X..x......X..x..", "......X...x...g.", "x.x.xx.x.x.xx.x."],
        ],
    },
    Style {
        name: "bossa",
        variants: [
            ["X..xX..xX..xX..x", "x..x..x...x..x..", "xxxxxxxxxxxxxxxx"],
            ["X...x..XX...x..X", "..x..x...x..x..x", "x.x.x.x.x.x.x.x."],
        ],
    },
    Style {
        name: "samba",
        variants: [
            ["x...X...x...X...", "x.x..x.xx.x..x.x", "XxxXXxxXXxxXXxxX"],
            ["x..xX..xx..xX..x", ".xx.xx.x.xx.xx.x", "XggxXggxXggxXggx"],
        ],
    },
    Style {
        name: "funk",
        variants: [
            ["X..x......x..x..", "....X..g.g..X..g", "x.xxx.x.x.xxx.x."],
            ["X.x....x..xx....", ".g..X..gg.g.X.g.", "xxxxxxxxxxxxxxxx"],
        ],
    },
    Style {
        name: "rock",
        variants: [
            ["X.......X.x.....", "....X.......X...", "X.x.X.x.X.x.X.x."],
            ["X.....x.X.......", "....X.......X..x", "X...X...X...X..."],
        ],
    },
    Style {
        name: "disco",
        variants: [
            ["X...X...X...X...", "....X.......X...", "x.Xxx.Xxx.Xxx.Xx"],
            ["X...X...X...X.x.", "....X.......X..g", "..X...X...X...X."],
        ],
    },
    Style {
        name: "one_drop",
        variants: [
            ["........X.......", "........X.......", "x.x.x.x.x.x.x.x."],
            ["........X.......", "......g.X...g...", "x..xx..xx..xx..x"],
        ],
    },
    Style {
        name: "footwork",
        variants: [
            ["X..X..X...X..X..", "............X...", "..x...x...x...x."],
            ["X..X..X.X..X..X.", "....x.......X..x", "x..x..x...x...x."],
        ],
    },
    Style {
        name: "soca",
        variants: [
            ["X...X...X...X...", "...X..X....X..X.", "..x...x...x...x."],
            ["X...X..xX...X..x", "..gX..Xg..gX..Xg", "x.xxx.xxx.xxx.xx"],
        ],
    },
    Style {
        name: "son",
        variants: [
            ["...x..X....x..X.", "X..X..X...X.X...", "x.xxx.x.x.xxx.x."],
            ["......X.......X.", "..X.X...X..X..X.", "xx.xx.x.xx.xx.x."],
        ],
    },
    Style {
        name: "jersey",
        variants: [
            ["X...X...X..X..X.", "............X...", "..x...x...x...x."],
            ["X...X..X..X..X..", "....x..x....x..x", "x.x.x.x.x.x.x.x."],
        ],
    },
    Style {
        name: "second_line",
        variants: [
            ["X..x..x...x.x...", "x.xXg.xXg.xxX.xx", "....X.......X..."],
            ["X.....X.x..x....", "X.gxXgxgX.gxX.xx", "..x...x...x...x."],
        ],
    },
];

/// The level of a notation character, 0 to 1.
#[must_use]
pub fn level(cell: u8) -> f32 {
    match cell {
        b'X' => 1.0,
        b'x' => 0.8,
        b'g' => 0.35,
        _ => 0.0,
    }
}

/// A groove as levels, `[low, mid, bright][step]`, 0 to 1.
#[must_use]
pub fn levels(groove: &Groove) -> [[f32; 16]; 3] {
    groove.map(|row| {
        let mut out = [0.0; 16];
        for (to, cell) in out.iter_mut().zip(row.bytes()) {
            *to = level(cell);
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_sixteen_cells_of_the_notation() {
        for style in &STYLES {
            for row in style.variants.iter().flatten() {
                assert_eq!(row.len(), 16, "{} {row}", style.name);
                assert!(row.bytes().all(|c| b"Xxg.".contains(&c)), "{} {row}", style.name);
            }
        }
    }

    #[test]
    fn no_two_styles_share_a_name_or_a_groove() {
        for (at, style) in STYLES.iter().enumerate() {
            for other in &STYLES[at + 1..] {
                assert_ne!(style.name, other.name);
                assert!(!style.variants.iter().any(|v| other.variants.contains(v)));
            }
        }
    }
}

//! One set of features for the crates that many dependencies share. There is no code here.
//!
//! Cargo compiles a crate once for each set of features that a selection of packages asks of it, and everything
//! that depends on the crate with it: `cargo test -p deepdrummer-core` and the bundle would each compile
//! burn for themselves. The core depends on this package, which switches on what any member of the
//! workspace needs, so that every selection that holds the core finds burn and the rest compiled once.

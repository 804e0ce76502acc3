//! What the networks learned and how their losses are curved, by the methods of the papers that the product comes
//! from.
//!
//! Threads of the headless tool and of tests. Nothing here touches training: networks are looked at as they are.

pub mod critic;
pub mod curvature;
pub mod probes;

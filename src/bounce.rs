//! Waiting in a bounce: whether a host is in no hurry, and how both threads wait for each other then.

#![deny(clippy::disallowed_types, clippy::disallowed_methods, clippy::disallowed_macros)]

pub mod pace;
pub mod patience;

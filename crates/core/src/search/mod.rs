//! What a search asks for, and which events answer it.
//!
//! Filters are joined by AND; the elements of a list by OR, except tags, of which an event must have all. Texts are the bytes of the
//! database's encoding: what is compared for equality is never converted.

pub mod access_path;
pub mod action;
pub mod by_id;
pub mod filter;
pub mod limit;
pub mod text;
pub mod window;

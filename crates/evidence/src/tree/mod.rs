//! The Merkle tree of RFC 6962: a log grows at its end, and two short proofs say what is in it and that it only grew.

mod frontier;
mod proof;

pub use frontier::Frontier;
pub use proof::{
    BadProof, Nodes, consistency, inclusion, root, root_of_inclusion, verify_consistency, verify_inclusion,
};

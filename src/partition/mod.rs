//! Monthly partitions: which exist, which are needed, how they are made.

pub mod ddl;
pub mod indexes;
pub mod leaves;
pub mod locks;
pub mod maintain;

//! Why a store did not do what it was asked.

#[derive(Debug)]
pub struct StoreError(String);

impl StoreError {
    pub fn new(problem: impl Into<String>) -> StoreError {
        StoreError(problem.into())
    }
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StoreError {}

impl From<object_store::Error> for StoreError {
    fn from(error: object_store::Error) -> StoreError {
        StoreError(error.to_string())
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> StoreError {
        StoreError(error.to_string())
    }
}

//! What the program does.

mod check;
mod clean;
mod erase;
mod export;
mod keep;
mod patience;
mod recognise;
mod release;
mod restore;
mod show;
mod work;

pub use work::{Options, Work};

use crate::failure::Failure;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verb {
    Export,
    Release,
    Restore,
    Return,
    Erase,
    Clean,
    Check,
    List,
    Show,
    Run,
}

impl Verb {
    pub fn parse(name: &str) -> Option<Verb> {
        Some(match name {
            "export" => Verb::Export,
            "release" => Verb::Release,
            "restore" => Verb::Restore,
            "return" => Verb::Return,
            "erase" => Verb::Erase,
            "clean" => Verb::Clean,
            "check" => Verb::Check,
            "list" => Verb::List,
            "show" => Verb::Show,
            "run" => Verb::Run,
            _ => return None,
        })
    }

    pub fn carry_out(self, work: &mut Work) -> Result<(), Failure> {
        match self {
            // What a dead run began stands in the way of the next one.
            Verb::Export => {
                let failed = clean::clean(work)?;
                export::export(work)?;
                end(failed)
            }
            Verb::Release => release::release(work),
            Verb::Restore => restore::restore(work),
            Verb::Return => release::give_back(work),
            Verb::Erase => {
                let failed = clean::clean(work)?;
                end(erase::erase(work)?.or(failed))
            }
            Verb::Clean => end(clean::clean(work)?),
            Verb::Check => check::check(work),
            Verb::List => show::list(work),
            Verb::Show => show::show(work),
            Verb::Run => {
                // What is missing should be known before anything is done.
                work.named_store()?;
                // One file that is gone or not let go keeps nothing else from being done.
                let cleaned = clean::clean(work)?;
                let erased = erase::erase(work)?;
                export::export(work)?;
                check::check(work)?;
                end(erased.or(cleaned))
            }
        }
    }
}

fn end(failed: Option<Failure>) -> Result<(), Failure> {
    failed.map_or(Ok(()), Err)
}

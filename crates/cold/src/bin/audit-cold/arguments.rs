//! What the program is asked to do.

use std::ffi::OsString;

use audit_cold::database::Grounds;
use audit_cold::store::Location;
use audit_cold::verb::{Options, Verb};
use lexopt::prelude::*;
use uuid::Uuid;

#[derive(PartialEq, Eq, Debug)]
pub enum Command {
    Help,
    Version,
    CarryOut(Box<Order>),
}

#[derive(PartialEq, Eq, Debug)]
pub struct Order {
    pub verb: Verb,
    pub options: Options,
    /// As it was named.
    pub database: Option<String>,
    pub is_json: bool,
}

/// Why nothing was done.
#[derive(PartialEq, Eq, Debug)]
pub struct Problem(pub String);

impl From<lexopt::Error> for Problem {
    fn from(error: lexopt::Error) -> Problem {
        Problem(error.to_string())
    }
}

impl Command {
    pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Command, Problem> {
        let mut parser = lexopt::Parser::from_iter(arguments);
        let (mut verb, mut options, mut database, mut is_json) = (None, Options::default(), None, false);
        let (mut authority, mut ticket, mut given) = (None, None, Vec::new());
        while let Some(argument) = parser.next()? {
            if let Long(name) = argument {
                given.push(name.to_owned());
            }
            match argument {
                Long("help") | Short('h') => return Ok(Command::Help),
                Long("version") => return Ok(Command::Version),
                Value(name) if verb.is_none() => {
                    let name = name.string()?;
                    verb = Some(Verb::parse(&name).ok_or_else(|| Problem(format!("there is no verb {name}")))?);
                }
                Long("database") => database = Some(parser.value()?.string()?),
                Long("store") => options.store = Some(store(&parser.value()?.string()?)?),
                Long("workspace") => options.workspace = Some(id(&mut parser)?),
                Long("object") => options.object = Some(id(&mut parser)?),
                Long("event") => options.event = Some(id(&mut parser)?),
                Long("path") => options.path = Some(parser.value()?.string()?),
                Long("month") => options.month = Some(month(parser.value()?.string()?)?),
                Long("min-events") => options.min_events = Some(parser.value()?.parse()?),
                Long("authority") => authority = Some(parser.value()?.string()?),
                Long("ticket") => ticket = Some(parser.value()?.string()?),
                Long("older-than") => options.older_than = Some(parser.value()?.string()?),
                Long("keep-condemned") => options.keep_condemned = Some(parser.value()?.string()?),
                Long("deep") => options.is_deep = true,
                Long("reclaim") => options.reclaims = true,
                Long("json") => is_json = true,
                other => return Err(other.unexpected().into()),
            }
        }
        let verb = verb.ok_or_else(|| Problem("no verb was given".to_owned()))?;
        if let Some(unfit) =
            given.iter().find(|name| !USUAL.contains(&name.as_str()) && !of_verb(verb).contains(&name.as_str()))
        {
            return Err(Problem(format!("--{unfit} means nothing to this verb")));
        }
        if verb == Verb::Show && options.path.is_none() && options.store.is_some() {
            return Err(Problem("--store means nothing to show without --path".to_owned()));
        }
        options.grounds = match (authority, ticket) {
            (Some(authority), Some(ticket)) => Some(Grounds { authority, ticket }),
            (None, None) => None,
            _ => return Err(Problem("--authority and --ticket come together".to_owned())),
        };
        Ok(Command::CarryOut(Box::new(Order { verb, options, database, is_json })))
    }
}

const USUAL: [&str; 2] = ["database", "json"];

/// What a verb heeds. Anything else is refused, since somebody meant to have less done, or more.
fn of_verb(verb: Verb) -> &'static [&'static str] {
    match verb {
        Verb::Export => &["store", "workspace", "month", "min-events", "keep-condemned"],
        Verb::Release => &["store", "workspace", "month", "object", "authority", "ticket", "reclaim"],
        Verb::Restore => &["store", "workspace", "month", "object", "event"],
        Verb::Return => &["workspace", "authority", "ticket", "older-than"],
        Verb::Erase | Verb::Clean => &["store", "workspace", "month", "object", "keep-condemned"],
        Verb::Check => &["store", "workspace", "month", "object", "deep"],
        Verb::List => &["store", "workspace", "month", "object"],
        Verb::Show => &["store", "object", "path"],
        Verb::Run => &["store", "workspace", "month", "min-events", "keep-condemned", "deep"],
    }
}

fn id(parser: &mut lexopt::Parser) -> Result<Uuid, Problem> {
    let text = parser.value()?.string()?;
    Uuid::parse_str(&text).map_err(|_| Problem(format!("{text} is no UUID")))
}

fn store(url: &str) -> Result<Location, Problem> {
    Location::parse(url).map_err(|error| Problem(error.to_string()))
}

fn month(text: String) -> Result<String, Problem> {
    let is_month = text.split_once('-').is_some_and(|(year, number)| {
        let number_of = |text: &str, length| (text.len() == length).then(|| text.parse::<u16>().ok()).flatten();
        number_of(year, 4).is_some() && number_of(number, 2).is_some_and(|number| (1..=12).contains(&number))
    });
    if is_month { Ok(text) } else { Err(Problem(format!("{text} is no month, as 2026-01 is"))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Result<Command, Problem> {
        Command::parse(["audit-cold"].iter().chain(arguments).map(OsString::from))
    }

    fn problem(arguments: &[&str]) -> String {
        parsed(arguments).err().map_or(String::new(), |Problem(problem)| problem)
    }

    #[test]
    fn a_verb_and_its_options_are_read() {
        let object = "018f0000-0000-7000-8000-000000000001";
        let release = ["release", "--object", object, "--authority", "policy", "--ticket", "T-1", "--json"];
        let Ok(Command::CarryOut(order)) = parsed(&release) else { panic!() };
        let Order { verb, options, database, is_json } = *order;
        assert_eq!((verb, database, is_json), (Verb::Release, None, true));
        assert_eq!(options.object, Uuid::parse_str(object).ok());
        assert_eq!(options.grounds, Some(Grounds { authority: "policy".to_owned(), ticket: "T-1".to_owned() }));
        assert_eq!(parsed(&["run", "--help"]), Ok(Command::Help));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for (arguments, words) in [
            (&[][..], "no verb"),
            (&["forget"], "no verb forget"),
            (&["list", "--month", "2026-13"], "2026-13"),
            (&["list", "--month", "26-01"], "26-01"),
            (&["list", "--object", "1"], "no UUID"),
            (&["release", "--authority", "policy"], "come together"),
            (&["run", "--store", "s3://key:secret@bucket"], "store cannot be used"),
            (&["run", "--password", "x"], "--password"),
            (&["return", "--month", "2026-01"], "--month means nothing"),
            (&["return", "--store", "file:///cold"], "--store means nothing"),
            (
                &["show", "--object", "018f0000-0000-7000-8000-000000000001", "--store", "file:///cold"],
                "--store means nothing",
            ),
            (&["export", "--object", "018f0000-0000-7000-8000-000000000001"], "--object means nothing"),
        ] {
            assert!(problem(arguments).contains(words), "{arguments:?}: {}", problem(arguments));
        }
    }
}

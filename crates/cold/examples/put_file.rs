//! Puts what it reads into a store as the program does, for tests of stores: put_file STORE PATH < FILE. Printed is `Made`, or `Exists` if a file is there.

use std::error::Error;

use audit_cold::store::{Location, Store};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(store), Some(path)) = (arguments.next(), arguments.next()) else {
        return Err("put_file STORE PATH < FILE".into());
    };
    let mut file = tempfile::tempfile()?;
    std::io::copy(&mut std::io::stdin(), &mut file)?;
    println!("{:?}", Store::open(Location::parse(&store)?)?.put(&path, &mut file)?);
    Ok(())
}

//! The program `fyteclub`.

fn main() {}

//! The rows, in the order of the table.

mod changes;
mod hostile;
mod idle;
mod links;
mod looks;

use anyhow::Result;

use crate::Options;
use crate::table::Table;
use crate::work::Work;

pub(crate) async fn all(options: &Options, work: &Work, table: &mut Table) -> Result<()> {
    looks::rows(options, work, table).await?;
    if options.clamped {
        return Ok(());
    }
    changes::rows(options, work, table).await?;
    links::rows(options, work, table).await?;
    hostile::rows(options, work, table).await?;
    idle::rows(options, work, table).await
}

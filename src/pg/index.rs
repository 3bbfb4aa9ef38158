//! The indexes of an open table.

use pgrx::pg_sys;

use super::compat;
use super::node::{cast, list};
use super::relation::{AccessShareLock, Relation};
use super::row;
use super::shape::{Named, Places};

/// Of the operators that hash indexes of texts have; built in, without a name in PostgreSQL's headers.
const TEXT_HASH_FAMILY: pg_sys::Oid = pg_sys::Oid::from_u32(1995);
/// The same of GIN indexes with `jsonb_path_ops`.
const JSONB_PATH_FAMILY: pg_sys::Oid = pg_sys::Oid::from_u32(4037);

impl Relation {
    /// The primary key's index, or None.
    pub fn primary_key(&self) -> Option<pg_sys::Oid> {
        // SAFETY: open.
        let index = unsafe { compat::primary_key_index(self.raw()) };
        (index != pg_sys::InvalidOid).then_some(index)
    }

    /// The names of the columns that identify a row; see [`key_places`].
    pub fn key_columns(&self) -> Vec<String> {
        // SAFETY: open; the places are those of its columns.
        let (columns, places) = unsafe { (row::columns((*self.raw()).rd_att), key_places(self.raw())) };
        places.into_iter().map(|place| String::from_utf8_lossy(&columns[place].name).into_owned()).collect()
    }

    /// The place (from 1) of a column of the shape in an index of this table, be it of the key or included.
    pub fn place_in_index(&self, index: pg_sys::Oid, shape: &[Named], column: i16) -> Option<i16> {
        // SAFETY: open; the index is opened under a lock before it is read, and names so many columns.
        unsafe {
            let number = Places::find(shape, (*self.raw()).rd_att)?.number(column)?;
            let index = pg_sys::index_open(index, AccessShareLock as _);
            let description = (*index).rd_index;
            let columns =
                std::slice::from_raw_parts((*description).indkey.values.as_ptr(), (*description).indnatts as usize);
            let place = columns.iter().position(|of_table| *of_table == number);
            pg_sys::index_close(index, pg_sys::NoLock as _);
            place.and_then(|place| i16::try_from(place + 1).ok())
        }
    }

    /// Whether the snapshots of the transaction may read an index of this table. One that was built beside rows of which older snapshots see
    /// another version lacks these versions.
    pub fn index_is_for_us(&self, index: pg_sys::Oid) -> bool {
        // SAFETY: the index is opened under a lock before it is read; its entry in pg_index is kept with it.
        unsafe {
            let index = pg_sys::index_open(index, AccessShareLock as _);
            let is_for_all = !(*(*index).rd_index).indcheckxmin;
            let header = (*(*index).rd_indextuple).t_data;
            let frozen = pg_sys::HEAP_XMIN_FROZEN as u16;
            let is_for_us = is_for_all
                || (*header).t_infomask & frozen == frozen
                || pg_sys::TransactionIdPrecedes((*header).t_choice.t_heap.t_xmin, pg_sys::TransactionXmin);
            pg_sys::index_close(index, pg_sys::NoLock as _);
            is_for_us
        }
    }

    /// A valid B-tree, ascending, whose first columns are `columns` of the shape, over all rows in which none of these is
    /// NULL, or None. Any such index gives the same answers to who asks for values of all of them, whoever made it.
    pub fn index_on(&self, shape: &[Named], columns: &[i16]) -> Option<pg_sys::Oid> {
        self.index_on_short(shape, columns, None)
    }

    /// As [`Relation::index_on`]; but the index may leave out rows in which a text of these columns is longer than so many bytes.
    pub fn index_on_short(&self, shape: &[Named], columns: &[i16], bytes: Option<i32>) -> Option<pg_sys::Oid> {
        // SAFETY: open.
        let places = unsafe { Places::find(shape, (*self.raw()).rd_att) }?;
        let columns: Vec<i16> = columns.iter().map(|column| places.number(*column)).collect::<Option<_>>()?;
        // SAFETY: each index is open.
        self.find_index(|index| unsafe { begins_with(index, &columns, bytes) })
    }

    /// A valid hash index of this text alone, byte for byte, over all rows in which it is not NULL, or None.
    pub fn hash_index_on(&self, shape: &[Named], column: i16) -> Option<pg_sys::Oid> {
        // SAFETY: open.
        let column = unsafe { Places::find(shape, (*self.raw()).rd_att) }?.number(column)?;
        // SAFETY: each index is open, and has a key.
        self.find_index(|index| unsafe {
            let description = (*index).rd_index;
            (*description).indisvalid
                && (*(*index).rd_rel).relam == pg_sys::HASH_AM_OID
                && *(*description).indkey.values.as_ptr() == column
                && compares_bytes(index, 0, TEXT_HASH_FAMILY)
                && leaves_out_only(pg_sys::RelationGetIndexPredicate(index), &[column], None)
        })
    }

    /// A valid GIN index with `jsonb_path_ops` whose first columns are these of the shape, over all rows, or None.
    pub fn contents_index_on(&self, shape: &[Named], columns: &[i16]) -> Option<pg_sys::Oid> {
        // SAFETY: open.
        let places = unsafe { Places::find(shape, (*self.raw()).rd_att) }?;
        let columns: Vec<i16> = columns.iter().map(|column| places.number(*column)).collect::<Option<_>>()?;
        // SAFETY: each index is open, and has a family for each key.
        self.find_index(|index| unsafe {
            let description = (*index).rd_index;
            let keys =
                std::slice::from_raw_parts((*description).indkey.values.as_ptr(), (*description).indnkeyatts as usize);
            (*description).indisvalid
                && (*(*index).rd_rel).relam == pg_sys::GIN_AM_OID
                && keys.starts_with(&columns)
                && (0..columns.len()).all(|key| *(*index).rd_opfamily.add(key) == JSONB_PATH_FAMILY)
                && pg_sys::RelationGetIndexPredicate(index).is_null()
        })
    }

    /// The first index that fits.
    fn find_index(&self, fits: impl Fn(pg_sys::Relation) -> bool) -> Option<pg_sys::Oid> {
        // SAFETY: the list is a copy of ours; each index is opened under a lock before it is read.
        unsafe {
            let indexes = pg_sys::RelationGetIndexList(self.raw());
            let found = (0..if indexes.is_null() { 0 } else { (*indexes).length })
                .map(|position| (*(*indexes).elements.add(position as usize)).oid_value)
                .find(|oid| {
                    let index = pg_sys::index_open(*oid, AccessShareLock as _);
                    let fits = fits(index);
                    pg_sys::index_close(index, pg_sys::NoLock as _);
                    fits
                });
            pg_sys::list_free(indexes);
            found
        }
    }
}

/// # Safety
/// The index is open.
unsafe fn begins_with(index: pg_sys::Relation, columns: &[i16], bytes: Option<i32>) -> bool {
    // SAFETY: the caller promises that the index is open; there is an option, a family and a collation for each key column.
    unsafe {
        let description = (*index).rd_index;
        let keys =
            std::slice::from_raw_parts((*description).indkey.values.as_ptr(), (*description).indnkeyatts as usize);
        let options = std::slice::from_raw_parts((*index).rd_indoption, keys.len());
        (*description).indisvalid
            && (*(*index).rd_rel).relam == pg_sys::BTREE_AM_OID
            && leaves_out_only(pg_sys::RelationGetIndexPredicate(index), columns, bytes)
            && keys.starts_with(columns)
            && options.iter().all(|option| *option == 0)
            && (0..columns.len()).all(|key| compares_bytes(index, key, pg_sys::TEXT_BTREE_FAM_OID))
    }
}

/// Whether a key of an index (numbered from 0) compares texts byte for byte, by the operators of this family. Other types have one order.
///
/// # Safety
/// The index is open, and has this key.
unsafe fn compares_bytes(index: pg_sys::Relation, key: usize, family: pg_sys::Oid) -> bool {
    // SAFETY: the caller promises that the index is open and has this key.
    unsafe {
        *(*index).rd_opcintype.add(key) != pg_sys::TEXTOID
            || *(*index).rd_opfamily.add(key) == family && *(*index).rd_indcollation.add(key) == pg_sys::C_COLLATION_OID
    }
}

/// Whether a predicate of an index (NULL if it has none) says of some of `columns` that they are not NULL, or, if `bytes` are told, that
/// they are not longer than these or more, and nothing else.
///
/// # Safety
/// A list of expressions on one table, as the relation cache gives it.
unsafe fn leaves_out_only(predicate: *mut pg_sys::List, columns: &[i16], bytes: Option<i32>) -> bool {
    // SAFETY: the caller promises that the predicate is a list of expressions on one table, as the relation cache gives it.
    unsafe {
        let is_ours = |node| cast::<pg_sys::Var>(node).is_some_and(|var: &pg_sys::Var| columns.contains(&var.varattno));
        list(predicate).all(|condition| {
            let leaves_out_nulls = cast::<pg_sys::NullTest>(condition).is_some_and(|test| {
                test.nulltesttype == pg_sys::NullTestType::IS_NOT_NULL && is_ours(test.arg.cast_const().cast())
            });
            leaves_out_nulls
                || length_allowed(condition)
                    .is_some_and(|(of, longest)| bytes.is_some_and(|bytes| longest >= bytes) && is_ours(of))
        })
    }
}

/// Of `octet_length(text) <= number`: the text and the number.
///
/// # Safety
/// An expression, as the relation cache gives it.
unsafe fn length_allowed(condition: *const pg_sys::Node) -> Option<(*const pg_sys::Node, i32)> {
    // SAFETY: the caller promises that it is an expression. Operators and functions have the arguments that these are declared with.
    unsafe {
        let comparison = cast::<pg_sys::OpExpr>(condition)?;
        let mut sides = list(comparison.args);
        let length = cast::<pg_sys::FuncExpr>(sides.next()?)?;
        let longest = cast::<pg_sys::Const>(sides.next()?)?;
        let is_it = comparison.opfuncid == pg_sys::Oid::from(pg_sys::F_INT4LE)
            && length.funcid == pg_sys::Oid::from(pg_sys::F_OCTET_LENGTH_TEXT)
            && !longest.constisnull;
        is_it.then_some((list(length.args).next()?, longest.constvalue.value() as i32))
    }
}

/// The places (from 0) of the columns of the primary key, else of the index chosen as replica identity, else none.
///
/// # Safety
/// The relation is open.
pub(super) unsafe fn key_places(relation: pg_sys::Relation) -> Vec<usize> {
    // SAFETY: the caller promises that the relation is open; the index is opened under a lock before it is read.
    unsafe {
        let primary = compat::primary_key_index(relation);
        let index = if primary == pg_sys::InvalidOid { pg_sys::RelationGetReplicaIndex(relation) } else { primary };
        if index == pg_sys::InvalidOid {
            return Vec::new();
        }
        let index = pg_sys::index_open(index, AccessShareLock as _);
        let description = (*index).rd_index;
        let keys =
            std::slice::from_raw_parts((*description).indkey.values.as_ptr(), (*description).indnkeyatts as usize);
        let places = keys.iter().filter_map(|number| usize::try_from(number - 1).ok()).collect();
        pg_sys::index_close(index, AccessShareLock as _);
        places
    }
}

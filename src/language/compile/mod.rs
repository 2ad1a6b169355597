//! From a checked tree to a program for the machine.

pub mod program;

mod body;
mod call;
mod compare;
mod condition;
mod constants;
mod expect;
mod expression;
mod fold;
mod handler;
mod item;
mod list;
mod message;
mod pattern;
mod receipt;
mod registers;
mod show;
mod statement;
mod text;
mod too_large;

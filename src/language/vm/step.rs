//! Steps: a function's instructions as the loop runs them, one for one, with all looked up that can be.
//!
//! A step stands at the place of its instruction. Some do the work of the instructions behind them too and go on
//! behind those; these stand there all the same, for whoever jumps to them.

use super::answer::Part;
use crate::language::builtin::row::Pure;
use crate::language::bytecode::instruction::Instruction;

/// One step. What is rare stays an instruction.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    Load {
        to: u8,
        slot: u64,
    },
    /// Sets several, as `Prepared::loads` says from one on, and stands for so many loads. It sets `LOADS_MOST` of them:
    /// those behind do it again, or it sets one several times.
    Loads {
        count: u8,
        first: u32,
    },
    /// A list that never changes: its members are set as by `Loads`, so many from one on; then the list among the cells.
    List {
        to: u8,
        count: u8,
        list: u32,
        first: u32,
    },
    Move {
        to: u8,
        from: u8,
    },
    AddInt {
        to: u8,
        left: u8,
        right: u8,
    },
    SubtractInt {
        to: u8,
        left: u8,
        right: u8,
    },
    MultiplyInt {
        to: u8,
        left: u8,
        right: u8,
    },
    AddIntConstant {
        to: u8,
        left: u8,
        value: i32,
    },
    EqualWord {
        to: u8,
        left: u8,
        right: u8,
    },
    LessInt {
        to: u8,
        left: u8,
        right: u8,
    },
    LessOrEqualInt {
        to: u8,
        left: u8,
        right: u8,
    },
    EqualText {
        to: u8,
        left: u8,
        right: u8,
    },
    Not {
        to: u8,
        from: u8,
    },

    Jump {
        target: u32,
    },
    JumpIf {
        test: u8,
        target: u32,
    },
    JumpUnless {
        test: u8,
        target: u32,
    },
    JumpUnlessLess {
        left: u8,
        right: u8,
        target: u32,
    },
    /// Sets a number and goes if one number is not less than the other: `LoadInt`, `JumpUnlessLess`.
    LoadJumpUnlessLess {
        to: u8,
        left: u8,
        right: u8,
        value: i32,
        target: u32,
    },
    /// A sum that is held against a constant: `AddInt`, `LoadInt`, `JumpUnlessLess`.
    AddJumpUnlessLess {
        to: u8,
        left: u8,
        right: u8,
        bound: u8,
        value: i32,
        target: u32,
    },
    Loop {
        cost: u32,
        target: u32,
    },
    /// The end of a turn and the test for the next: `AddIntConstant` of 1, `Loop`, and the `JumpUnlessLess` it leads to.
    Turn {
        turn: u8,
        times: u8,
        cost: u32,
        body: u32,
        end: u32,
    },
    /// `AddIntConstant` of a register to itself, and `Turn`.
    AddTurn {
        to: u8,
        value: i8,
        turn: u8,
        times: u8,
        cost: u16,
        body: u32,
        end: u32,
    },
    SwitchWord {
        on: u8,
        table: u16,
    },
    SwitchTag {
        on: u8,
        table: u16,
    },
    SwitchText {
        on: u8,
        table: u16,
    },

    MakeRecord {
        to: u8,
        base: u8,
        count: u8,
    },
    GetField {
        to: u8,
        record: u8,
        index: u8,
    },
    /// A line of a slip: three loads from `first` on, a field into the register `base` and 3, and the record of the four.
    Row {
        to: u8,
        base: u8,
        record: u8,
        index: u8,
        first: u32,
    },
    /// So many registers, set one after another as `Prepared::puts` says from one on.
    Gather {
        count: u8,
        first: u32,
    },
    /// An optional that needs a box, which is there.
    Box {
        to: u8,
        from: u8,
    },
    /// Lines of a slip that are laid down together: index into `Prepared::slips`.
    Slip {
        slip: u16,
    },
    GetItem {
        to: u8,
        list: u8,
        index: u8,
    },
    JoinTexts {
        to: u8,
        base: u8,
        count: u8,
    },
    /// `ToText` of a number.
    IntToText {
        to: u8,
        from: u8,
    },
    ToText {
        to: u8,
        from: u8,
        show: u8,
    },
    MakeMessage {
        to: u8,
        base: u8,
        shape: u16,
    },
    FindMessageField {
        to: u8,
        message: u8,
        field: u8,
    },
    /// `FindMessageField` of a text: of so many digits, or any if 0.
    FindText {
        to: u8,
        message: u8,
        field: u8,
        digits: u8,
    },
    /// Of an optional that needs no box.
    GetSome {
        to: u8,
        from: u8,
    },
    /// What is there or something else: `JumpIfNone`, `GetSome`, `Move`, `Jump`.
    TakeSome {
        test: u8,
        to: u8,
        also: u8,
        none: u32,
        target: u32,
    },

    Call(Called),
    /// Of a function that only looks something up.
    LookUp(Called),
    CallPure(NativeCall),
    /// `mask`, `luhn_valid`, `reply.code` and `amount.currency_number`, which nearly every sale asks for.
    Mask {
        to: u8,
        from: u8,
    },
    LuhnValid {
        to: u8,
        from: u8,
    },
    ReplyCode {
        to: u8,
        from: u8,
    },
    CurrencyNumber {
        to: u8,
        from: u8,
    },
    /// `part` of the three registers from a base on.
    Part {
        to: u8,
        base: u8,
    },
    Return {
        from: u8,
    },
    ReturnNothing,
    /// What is asked for, where its answer goes, and what that is; `nothing`: it may be none at all; `plain`: no money
    /// hangs on it, so it is given out at once, with so many registers in use.
    Request {
        op: u8,
        base: u8,
        to: u8,
        registers: u8,
        gives: Part,
        nothing: bool,
        plain: bool,
    },
    Name {
        text: u32,
    },
    /// A jump that does not lead on, which only forged code has.
    Back,
    Rare(Instruction),
}

/// A call: its arguments lie from `base` on, and are there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Called {
    pub(super) to: u8,
    pub(super) base: u8,
    /// Registers of the caller.
    pub(super) callers: u8,
    /// Arguments.
    pub(super) parameters: u8,
    /// Registers of the function.
    pub(super) registers: u8,
    pub(super) function: u16,
    pub(super) cost: u32,
}

/// A builtin that gives something at once: its arguments lie from `base` on.
#[derive(Clone, Copy, Debug)]
pub(super) struct NativeCall {
    pub(super) to: u8,
    pub(super) native: Pure,
    pub(super) base: u8,
    pub(super) count: u8,
}

// INVARIANT: a cache line holds four steps.
const _: () = assert!(size_of::<Step>() == 16);

/// Loads that one step does: as many as are as quick as one.
pub(super) const LOADS_MOST: usize = 4;

/// A register that is set, and to what.
pub(super) type Load = (u8, u64);

/// A register that is set, and from where.
#[derive(Clone, Copy, Debug)]
pub(super) enum Put {
    Slot { to: u8, slot: u64 },
    Move { to: u8, from: u8 },
    Field { to: u8, record: u8, index: u8 },
}

//! Bytecode files.

super::rows! {
    T0901 NOT_TILLC NotTillc() Bytecode {
        title { zh "这不是 till 的字节码文件" en "this is not a bytecode file of till" }
        fix { zh "检查文件；字节码由 till build 生成。" en "Check the file; `till build` makes bytecode." }
        about {
            zh "字节码文件以固定的标记开头。没有标记的，多半是传错了文件，或传输时被改动。"
            en "A bytecode file starts with a fixed mark. Without it this is probably another file, or it was changed on the way."
        }
        example "till run tests/errors/examples/text.tillc"
    }

    T0902 TILLC_VERSION TillcVersion(found: Count, supported: Count) Bytecode {
        title { zh "字节码版本为 {found}，本程序支持到 {supported}" en "the bytecode has version {found}, this program runs up to {supported}" }
        fix { zh "用本程序重新编译，或升级终端上的 till。" en "Build it again with this program, or update `till` on the terminal." }
        about {
            zh "字节码格式有版本号。版本不同的文件不作猜测，以免执行出与编译时不同的结果。"
            en "The bytecode format has a version. A file of another version is not guessed at, since it might then run differently from what was compiled."
        }
        example "till run tests/errors/examples/newer.tillc"
    }

    T0903 TILLC_DAMAGED TillcDamaged(detail: Text) Bytecode {
        title { zh "字节码文件已损坏：{detail}" en "the bytecode file is damaged: {detail}" }
        fix { zh "重新下载，或重新编译。" en "Download it again, or build it again." }
        about {
            zh "文件的长度或校验和不对，通常是下载中断或存储出错。损坏的文件一条指令也不会执行。"
            en "A length or checksum of the file is wrong, usually from an interrupted download or failing storage. Not one instruction of a damaged file is run."
        }
        example "till run tests/errors/examples/damaged.tillc"
    }

    T0904 TILLC_INVALID TillcInvalid(detail: Text) Bytecode {
        title { zh "字节码不合规则：{detail}" en "the bytecode breaks the rules: {detail}" }
        fix { zh "用 till build 重新编译；若仍出现，请报告。" en "Build it again with `till build`; if it stays, please report it." }
        about {
            zh "文件完整，但内容不是编译器会写出的：跳转越界、编号不存在、类型不符、读取未写入的寄存器、冲正区未离开就返回，或使用了清单中没有的设备。这样的文件不予执行。"
            en "The file is whole, but no compiler would write it: a jump out of bounds, a number that does not exist, a type that does not fit, a register that is read before it is written, a reversible region that is not left, a device that the manifest does not name. It is not run."
        }
        example "till run invalid.tillc  # its flow is function 65535, and there is none"
    }

    T0905 DEBUG_MISMATCH DebugMismatch() Bytecode {
        title { zh "调试信息与字节码不是同一次编译的" en "the debug information belongs to another build" }
        fix { zh "换成同一次编译的调试文件。" en "Use the debug file of the same build." }
        about {
            zh "行号表与字节码各带同一个编号。编号不同时显示的行会是错的，所以不予运行。移走旁边的 .tilld 也能运行，只是不显示行。"
            en "Line table and bytecode carry one common id. If it differs, the lines shown would be wrong, so the run does not start. Without the .tilld beside it the program runs too, only without lines."
        }
        example "till build scripts/sale.till --strip -o one.tillc\ntill build scripts/balance.till --strip -o one.other\ntill run one.tillc amount=100.00CNY"
    }
}

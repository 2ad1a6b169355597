//! Messages taken apart and put together by hand: frame, header, bitmap, fields, dialects.

super::rows! {
    T5201 FRAME_UNREADABLE FrameUnreadable(detail: Text) Network {
        title { zh "帧无法解析：{detail}" en "the frame cannot be read: {detail}" }
        cashier { zh "请联系技术支持。" en "Call support." }
        cardholder { zh "终端尚未就绪，请稍候。" en "The terminal is not ready. Please wait." }
        support { zh "{detail}。核对长度头的字节数与写法、是否含自身、有无 TPDU。" en "{detail}. Compare how many bytes the length has, how it is written, whether it counts itself, and whether there is a TPDU." }
        retry AfterFix
        about {
            zh "报文最外层是长度和 TPDU。长度可以是 2 或 4 字节，二进制、BCD 或 ASCII，可以含自身也可以不含，这些标准都没有规定，由双方约定。一方约定错了，对方通常一声不响地断开，或等到超时。"
            en "The outermost layer is the length and the TPDU. The length may have two or four bytes, binary, BCD or ASCII, and may count itself: the standard leaves all that to the two ends. If one of them has it wrong, the other mostly hangs up without a word, or waits until the time is over."
        }
        example "till message decode --dialect cn_pos 00FF600003000060320032000008000020000000000000000001"
    }

    T5202 HEADER_UNREADABLE HeaderUnreadable(detail: Text) Network {
        title { zh "报文头无法解析：{detail}" en "the header cannot be read: {detail}" }
        cashier { zh "请联系技术支持。" en "Call support." }
        cardholder { zh "终端尚未就绪，请稍候。" en "The terminal is not ready. Please wait." }
        support { zh "{detail}。核对报文头长度与方言的 header。" en "{detail}. Compare the length of the header with the dialect's." }
        retry AfterFix
        about {
            zh "报文头在 TPDU 之后、报文类型之前。它的长度和内容各家不同；长度不对时，后面的报文类型和位图都会错位。"
            en "The header stands behind the TPDU and in front of the message type. Its length and content differ from house to house; with a wrong length, message type and bitmap are read out of place."
        }
        example "till message decode --dialect cn_pos --begin header 6032"
    }

    T5203 MESSAGE_TYPE_UNREADABLE MessageTypeUnreadable(detail: Text) Network {
        title { zh "报文类型无法解析：{detail}" en "the message type cannot be read: {detail}" }
        cashier { zh "请联系技术支持。" en "Call support." }
        cardholder { zh "终端尚未就绪，请稍候。" en "The terminal is not ready. Please wait." }
        support { zh "{detail}。多半是前面的报文头长度不对，或写法不同（BCD、ASCII、EBCDIC）。" en "{detail}. Mostly the header in front is of another length, or it is written differently (BCD, ASCII, EBCDIC)." }
        retry AfterFix
        about {
            zh "报文类型是四位数字，如 0200。读不出来时，通常是从错误的位置开始读的。"
            en "A message type is four digits such as 0200. Where it cannot be read, reading mostly began at the wrong place."
        }
        example "till message decode --dialect cn_pos --begin body A200"
    }

    T5204 BITMAP_UNREADABLE BitmapUnreadable(detail: Text) Network {
        title { zh "位图无法解析：{detail}" en "the bitmap cannot be read: {detail}" }
        cashier { zh "请联系技术支持。" en "Call support." }
        cardholder { zh "终端尚未就绪，请稍候。" en "The terminal is not ready. Please wait." }
        support { zh "{detail}。核对位图是字节还是十六进制文本，首位为 1 时后面须有第二个位图。" en "{detail}. See whether the bitmap is bytes or hexadecimal text; with its first bit set a second one follows." }
        retry AfterFix
        about {
            zh "位图说明有哪些域。字节写法占 8 字节，十六进制文本占 16 字节；看错写法时，会读出许多并没有发送的域。"
            en "The bitmap says which fields there are. As bytes it takes 8, as hexadecimal text 16; read the wrong way it names many fields that nobody sent."
        }
        example "till message decode --dialect cn_pos --begin body 080000200000"
    }

    T5205 FIELD_UNREADABLE FieldUnreadable(field: Field, detail: Text) Network {
        title { zh "{field}无法解析：{detail}" en "{field} cannot be read: {detail}" }
        cashier { zh "请联系技术支持。" en "Call support." }
        cardholder { zh "终端尚未就绪，请稍候。" en "The terminal is not ready. Please wait." }
        support { zh "{detail}。先看它前面的变长域：长度按位数还是按字节数，常常是那里错了。" en "{detail}. Look at the field of variable length in front of it first: whether its length counts digits or bytes is often what is really wrong." }
        retry AfterFix
        about {
            zh "域一个接一个，没有分隔符。某个域的长度、编码或对齐与约定不同，错误往往到后面的域才显现，所以报告同时指出前一个变长域。"
            en "Fields follow one another without a sign between them. If length, encoding or justification of one differ from what was agreed, it often shows only at a later one; that is why the report names the field of variable length in front as well."
        }
        example "till message decode --dialect cn_pos --begin body 0200400000000000000019622202"
    }

    T5206 PART_UNREADABLE PartUnreadable(detail: Text) Network {
        title { zh "域内的数据无法解析：{detail}" en "what is inside a field cannot be read: {detail}" }
        cashier { zh "请联系技术支持。" en "Call support." }
        cardholder { zh "终端尚未就绪，请稍候。" en "The terminal is not ready. Please wait." }
        support { zh "{detail}。核对标签与长度，注意外层长度是否包含填充。" en "{detail}. Compare tags and lengths, and whether the length around them counts what fills up." }
        retry AfterFix
        about {
            zh "域里还有结构：依次排列的子域、位图子域，或带标签和长度的数据元（第 55 域的 BER-TLV）。某个长度超过剩余的字节时，从那里起就读不下去。"
            en "A field may be made of parts: one behind the other, announced by bits, or elements with tag and length (the BER-TLV of field 55). Where a length is larger than what is left, reading ends there."
        }
        example "till message decode --dialect cn_pos --begin body 0200000000000000020000059F2608A1B2"
    }

    T5207 TRAILING_BYTES TrailingBytes(detail: Text) Network {
        title { zh "报文之后还有字节：{detail}" en "bytes are left over behind the message: {detail}" }
        cashier { zh "请联系技术支持。" en "Call support." }
        cardholder { zh "终端尚未就绪，请稍候。" en "The terminal is not ready. Please wait." }
        support { zh "{detail}。可能是填充、回车换行、两包粘连，或位图少了一位。" en "{detail}. It may be filling, a line end, a second message that clung to the first, or a bit missing in the bitmap." }
        retry AfterFix
        about {
            zh "最后一个域之后不应再有字节。严格的主机会拒绝整包；宽松的主机会忽略它们，直到某天它们不再是零。"
            en "Nothing belongs behind the last field. A strict host refuses the whole message; a lenient one passes over it, until one day the bytes are no longer zero."
        }
        example "till message decode --dialect cn_pos --begin body 0800002000000000000000000100"
    }

    T5208 NOT_BYTES NotBytes(detail: Text) Network {
        title { zh "输入不是报文：{detail}" en "the input is no message: {detail}" }
        cashier { zh "请联系技术支持。" en "Call support." }
        cardholder { zh "终端尚未就绪，请稍候。" en "The terminal is not ready. Please wait." }
        support { zh "{detail}。输入可以是十六进制（有无空格均可）、文件或标准输入；原始字节用 --raw。" en "{detail}. Input is hexadecimal with or without spaces, a file, or standard input; for raw bytes say --raw." }
        retry AfterFix
        about {
            zh "没有内容、十六进制个数为奇数、含有非十六进制字符，或超过 1 MiB。"
            en "There is nothing, an odd count of hexadecimal digits, something else among them, or more than 1 MiB."
        }
        example "till message decode --dialect cn_pos --hex 02000"
    }

    T5209 NO_SUCH_DIALECT NoSuchDialect(name: Text, known: Text) Network {
        title { zh "没有方言“{name}”" en "there is no dialect `{name}`" }
        cashier { zh "请联系技术支持。" en "Call support." }
        cardholder { zh "终端尚未就绪，请稍候。" en "The terminal is not ready. Please wait." }
        support { zh "可写：{known}，或声明方言的 .till 文件。" en "One of {known}, or a .till file that declares one." }
        retry AfterFix
        about {
            zh "方言可以是标准库里的名字，也可以是自己的 .till 文件；文件中声明的最后一个方言生效。"
            en "A dialect is a name of the library or a .till file of your own; the last one that the file declares is taken."
        }
        example "till message decode --dialect cn_poss 0800"
    }

    T5210 MESSAGE_NOT_WRITABLE MessageNotWritable(detail: Text) Network {
        title { zh "报文无法生成：{detail}" en "the message cannot be written: {detail}" }
        cashier { zh "请联系技术支持。" en "Call support." }
        cardholder { zh "终端尚未就绪，请稍候。" en "The terminal is not ready. Please wait." }
        support { zh "原因：{detail}。" en "The reason: {detail}." }
        retry AfterFix
        about {
            zh "输入须是 JSON，与 till message decode --format json 的输出同形：mti 与 fields；遮盖过的卡号不能还原。"
            en "Input is JSON of the same shape as till message decode --format json gives: mti and fields. A masked card number cannot be brought back."
        }
        example "till message encode --dialect cn_pos README.md"
    }

    T5211 SPEC_UNREADABLE SpecUnreadable(detail: Text) Network {
        title { zh "规格文件无法导入：{detail}" en "the specification cannot be imported: {detail}" }
        cashier { zh "请联系技术支持。" en "Call support." }
        cardholder { zh "终端尚未就绪，请稍候。" en "The terminal is not ready. Please wait." }
        support { zh "{detail}。支持 jPOS GenericPackager 的 XML 和 moov-io/iso8583 的 JSON。" en "{detail}. The XML of jPOS GenericPackager and the JSON of moov-io/iso8583 are understood." }
        retry AfterFix
        about {
            zh "文件过大、格式有误、含有实体，或用到了没有对应写法的打包类时，不会猜测，而是指出是哪一个域。"
            en "If the file is too large, damaged, has entities in it, or uses a packager for which there is no way of writing, nothing is guessed: the field is named."
        }
        example "till dialect import README.md"
    }

    T5212 LEFT_OUT LeftOut(detail: Text) Network {
        title { zh "规格中有一处没有导入或导出：{detail}" en "a part of the specification was left out: {detail}" }
        cashier { zh "请联系技术支持。" en "Call support." }
        cardholder { zh "终端尚未就绪，请稍候。" en "The terminal is not ready. Please wait." }
        support { zh "{detail}。这个域不在生成的规格里：带它的报文读不下去。手工补上一行，或换一种写法。" en "{detail}. The field is not in what was written, so a message that has it cannot be read. Add its row by hand, or agree on another way of writing it." }
        retry AfterFix
        about {
            zh "另一种工具的写法（如 jPOS 的某个打包类）在这里没有对应，或这里的写法在那里没有。不按名字猜：IFA_BINARY 写十六进制文本，IFA_LLBINARY 写字节，猜错的规格比缺一个域更难查。"
            en "The other tool writes something (a packager of jPOS, say) that there is no way of writing for here, or the other way round. Names are not guessed at: IFA_BINARY writes hexadecimal text and IFA_LLBINARY bytes, and a specification that is wrong is harder to find out than one that lacks a field."
        }
        example "till dialect import tests/cli/specs/our-bank.xml"
    }
}

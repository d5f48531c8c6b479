// Simplified Chinese of the data kinds of group `text`.
import type { KindWords } from '../words.ts';

export const text: Record<string, KindWords> = {
  quality: {
    doc:
      '按公开的网页文本清洗规则，删除读起来不像自然语言的行。\n\n' +
      '`repetition` 和 `gopher`：Gopher 的规则（Rae 等，2021，arXiv:2112.11446，附录 A.1），针对重复文本，' +
      '以及词的数量和长度、符号、列表项、省略号、字母和停用词。`c4`：C4 的规则（Raffel 等，2020，arXiv:1910.10683）。' +
      '`fineweb`：FineWeb 增加的规则（Penedo 等，2024，arXiv:2406.17557）。默认按 FineWeb 的顺序应用全部规则。' +
      '阈值和判定与 datatrove 的 GopherRepetitionFilter、GopherQualityFilter、C4QualityFilter 和 FineWebQualityFilter 相同。\n\n' +
      '各组规则按列出的顺序应用，文本不满足的第一条规则就是原因：冒号之前是规则名，' +
      '用同一个名称可以设置它的阈值，或用 `without` 去掉它。\n\n' +
      '`c4` 还会编辑文本：通过的文本只留下好的行。删除 [12] 之类的引用标记（`c4_citations`），' +
      '以及不以 . ! ? 或引号结尾的行（`c4_ending`）、含过长的词或词数太少的行、' +
      '提到 javascript（`c4_javascript`）或 cookie 和使用条款（`c4_policy`）的行。' +
      '好的行中出现 "lorem ipsum" 或花括号的文本整篇删除（`c4_lorem_ipsum`、`c4_brace`），剩余句子太少的也删除。' +
      '之后的各组看到的是编辑后的文本。被删除的行保留原来的文本。\n\n' +
      '`english` 按 spaCy 的英语分词器计词，与 datatrove 相同。不用空格分词的文字请用 `unicode`；' +
      '英语以外的语言请给出该语言的 `stop_words`，或去掉 `gopher_min_stop_words`。',
    inputs: { table: '含文本的行。' },
    params: {
      column: '文本所在的列。',
      rules: '要应用的规则组，按应用顺序：repetition、gopher、c4、fineweb。',
      without: '要去掉的单条规则，用原因开头的名称表示，例如 "c4_brace"。',
      action: '是删除这些行，还是保留全部行并在一列中标明原因。',
      name: '`action: "mark"` 增加的列：原因；文本没有问题时为 null。',
      words: '怎样把文本切分为词：按英语，或按 Unicode 的规则和词典。',
      stop_words: '该语言的行文中常见的词，用于 `gopher_min_stop_words`。',
      short_line: '不超过这个长度的行算短行，用于 `fineweb_max_short_lines`。',
      repetition_max_paragraphs: '重复前文的段落所占的最大比例。',
      repetition_max_paragraph_text: '重复段落中的字符所占的最大比例。',
      repetition_max_lines: '重复前文的行所占的最大比例。',
      repetition_max_line_text: '重复行中的字符所占的最大比例。',
      repetition_top_ngrams: '最常见的连续 2、3、4 个词在文本中所占的最大比例。',
      repetition_ngrams: '重复出现的连续 5、6、7、8、9、10 个词在文本中所占的最大比例。',
      gopher_min_words: '最少词数（标点不计）。',
      gopher_max_words: '最多词数（标点不计）。',
      gopher_min_word_length: '词的平均长度的下限。',
      gopher_max_word_length: '词的平均长度的上限。',
      gopher_max_symbols: '平均每个词最多几个井号，以及最多几个省略号。',
      gopher_max_bullets: '以项目符号或短横线开头的行所占的最大比例。',
      gopher_max_ellipses: '以省略号结尾的行所占的最大比例。',
      gopher_min_letters: '含字母的词所占的最小比例。',
      gopher_min_stop_words: '`stop_words` 中至少要出现多少个不同的词。',
      c4_max_word_length: '含有更长的词的行会被删除。',
      c4_min_line_words: '词数更少的行会被删除。',
      c4_min_sentences: '剩余的行中最少的句子数。',
      fineweb_min_ended_lines: '以句末标点结尾的行所占的最小比例。',
      fineweb_max_short_lines: '短行所占的最大比例。',
      fineweb_max_repeated_text: '重复行中的字符所占的最大比例。',
      fineweb_max_line_breaks: '平均每个词最多几个换行。',
    },
  },
  language: {
    doc:
      '识别每段文本的语言，并删除不属于 `keep` 所列语言的行。\n\n' +
      '增加两列：语言的 ISO 639-1 代码，例如 "en"（无法判断时为 null，例如只有数字或空文本），以及 0 到 1 的得分。' +
      '既不给 `keep` 也不给 `min_score` 时只增加这两列，没有 `removed`。\n\n' +
      '按 n 元组识别（ELD 的大型数据集，60 种语言），最多查看文本的四处；网址、邮箱和编号不计。' +
      '得分表示这些 n 元组在该语言中有多常见，不是概率：连贯的文本为 0.7 到 0.85，列表和混合语言约为 0.6 到 0.7，' +
      '编码数据低于 0.3。datatrove 的 0.65 是 fastText 的尺度。单个词和名字常会判错，非常相近的语言（丹麦语和挪威语）也是。' +
      '每个工作线程保存这些 n 元组，占 150 MB 内存。',
    inputs: { table: '含文本的行。' },
    params: {
      column: '文本所在的列。',
      keep: '要保留的一种或多种语言，例如 "en" 或 ["en", "de"]。默认：全部。',
      min_score: '得分更低的行会被删除。默认：给出 `keep` 时为 0.6，否则不删除。',
      name: '语言所在的列；得分列的名称在其后加 `_score`。',
    },
  },
  pii: {
    doc:
      '遮盖文本中的个人信息：电子邮件地址、IP 地址、电话号码和支付卡号。\n\n' +
      '`email`：采用 datatrove 的 PIIFormatter 的模式。`ip`：IPv4 和 IPv6；与其相同，私有和保留地址保持不变，除非 `private_ips`。' +
      '地址不能紧挨其他数字，因此 5.1.1.6.2 之类的版本号保持不变。`phone`：按 Google 的 libphonenumber 有效的号码：' +
      '国际号码（以 + 或 00 开头），以及 `regions` 的国内号码（须分组书写，如 (212) 555-0123）；日期和连续的数字保持不变。' +
      '`card`：13 到 19 位数字，连写或分组，以发卡机构的号段开头且校验位正确（Luhn；ISO/IEC 7812）。\n\n' +
      '每一类用各自的文字替换；两类重叠时，优先顺序为 email、ip、card、phone。每一类有一列记录遮盖的数量：' +
      '`pii_email`、`pii_ip` 等。相同的文本总是得到相同的结果。模式只能找到按通常方式书写的内容：姓名和住址保持不变。',
    inputs: { table: '含文本的行。' },
    params: {
      column: '文本所在的列。',
      kinds: '要遮盖的内容：email、ip、phone、card。',
      email: '代替电子邮件地址的文字。',
      ip: '代替 IP 地址的文字。',
      phone: '代替电话号码的文字。',
      card: '代替卡号的文字。',
      private_ips: '是否也遮盖私有和保留的 IP 地址，例如 192.168.0.1。',
      regions: '要遮盖其国内电话号码的地区（ISO 3166，例如 "US" 或 "DE"）。',
      name: '各计数列名称的开头。',
    },
  },
  decontaminate: {
    doc:
      '删除文本与评测文本有连续 13 个词相同的行，以免用模型学过的内容来测试它。\n\n' +
      '比较时忽略大小写和标点，与 GPT-3 的去污染相同（Brown 等，2020，arXiv:2005.14165，附录 C）；' +
      '不用空格分词的文字，每个字符算一个词。评测文本不足 `n` 个词但至少有 `shortest` 个词时，按整段查找。' +
      '被删除的行的原因会引用相同的词，`evaluation_row` 列是评测表中的行号，从 0 开始；只记第一处。' +
      'datatrove 的过滤器查找 12 个词，并把所有数字视为相同。\n\n' +
      '超过 `common` 行共有的连续词视为常用语（邮件列表的页脚、许可证、谚语），不算数：GPT-3 如此（出现在 10 篇以上文档中的不算），' +
      'lm-evaluation-harness 也如此。这以表中没有重复为前提：重复的文本会使其中的词变成常用语，所以先用 `dedup`。' +
      '日志会说明因此留下了多少行。表以流式处理，有常用语时处理两遍；' +
      '评测文本的连续词由每个工作线程保存在内存中，每个词占 24 字节或更多。',
    inputs: { table: '用于训练的行。', evaluation: '用于测试的行。' },
    params: {
      column: '文本所在的列。',
      evaluation_columns: '评测表中含文本的一列或多列，合在一起读取。默认：与 `column` 同名。',
      n: '不得相同的连续词数。',
      shortest: '不足 `n` 个词的评测文本至少要有的词数。',
      common: '表中最多可有多少行含同一串词；更多的行都有的不算数。0：全部算数。',
    },
  },
};

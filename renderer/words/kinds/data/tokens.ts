// Simplified Chinese of the data kinds of group `tokens`.
import type { KindWords } from '../words.ts';

export const tokens: Record<string, KindWords> = {
  tokenizer: {
    doc:
      '用一列文本训练分词器，或用 `path` 读入已有的分词器。\n\n' +
      '训练得到字节级 BPE（Sennrich 等，2016；采用 GPT-2 的字节字母表）：词表依次为 <|endoftext|>、特殊词元、256 个字节，' +
      '然后把出现最频繁的相邻词条对逐个合并，直到有 `size` 个词条。任何文本都能编码，因此不存在未知词。频次相同时取 id 较小的一对，所以结果总是确定的，' +
      '并且与 Hugging Face 训练器的结果一致。\n\n' +
      '合并不会跨越 `pre_tokenizer` 切出的片段：带前导空格的单词、最多三位一组的数字（gpt2 不限位数）、标点、换行。' +
      'deepseek（DeepSeek-V3）把中文和日文与其他文字分开；default 与 llama3 相同，但组合标记留在字母上。\n\n' +
      '片段由所有核心分块统计；进程被中止后，已完成的块会保留。需要放进内存的只有不同的片段，每个约 100 字节：' +
      '数 GB 的文本约有几百万个。\n\n' +
      '结果是 Hugging Face 的 tokenizer.json。给出 `path` 时，原样读取该文件（或含有它的文件夹）；' +
      '其模型可为 BPE、WordPiece 或 Unigram。',
    inputs: { table: '用于训练的文本。不能与 `path` 同时使用。' },
    params: {
      algorithm: '构建词表的算法。',
      size: '词表的词条数：常见词会成为单个词元，模型则为每个词条设一行参数。',
      column: '表中存放文本的列。',
      pre_tokenizer: '文本如何切成合并不会跨越的片段：按 GPT-2、LLaMA 3、DeepSeek-V3 的方式，或本程序的方式。',
      special: '除 <|endoftext|> 之外、代表自身且永不切分的词元，例如 "<|user|>"；id 依次为 1、2 等。',
      path: '要读取的 tokenizer.json 或含有它的文件夹，代替训练。',
      min_frequency: '一对词条至少出现多少次才会合并成新词条。',
    },
  },
  chat: {
    doc:
      '按聊天模板把对话写成文本，并记下回答所在的位置：用这些行训练的模型学的就是这些回答。\n\n' +
      '对话是一列消息，每条消息有角色和文本，如 JSONL 文件中那样（`messages` 含 `role` 与 `content`；' +
      'ShareGPT 用 `messages: "conversations", role: "from", content: "value"`），或者是两列 `prompt` 与 `answer`。' +
      '没有回答、消息为空或角色无人知晓的行放进 `removed`，并写明原因。\n\n' +
      '模板是 Jinja，与 tokenizer_config.json 中的相同：取自模型的文件夹（`path`）、直接写在 `jinja` 里，或按名称选用。' +
      '`plain` 写成 "User: ..." 与 "Assistant: ..."，每个回答以文档结束词元收尾，这里训练的分词器都有它；' +
      '`chatml`、`deepseek` 和 `llama3` 需要认识其标记的分词器。模板只看得到对话、bos_token 和 eos_token，没有时钟；' +
      '运行太久的模板是错误。\n\n' +
      '新列 `text` 存放对话，`learned` 存放其中回答的位置：起、止、起、止……以字符计。' +
      '`train`、`evaluate` 和 `pack` 只在这些位置上计算损失。模板里有 `{% generation %}` 时，回答就是它所标出的，' +
      '与 transformers 相同；否则是到该回答为止的对话比向模型提问时的文本多出的部分，含结束标记。' +
      '若对话继续后模板会换一种方式写回答（有些会省去思考过程），这是错误；`learn: "last"` 则只学每段对话的最后一个回答。',
    inputs: { table: '对话，每行一段。' },
    params: {
      messages: '存放消息列表的列（或以 JSON 文本存放的列表）。默认：`messages`。',
      role: '消息中角色的名称。默认：`role`。',
      content: '消息中文本的名称。默认：`content`。',
      prompt: '存放提问的列，代替消息列表。需要 `answer`。',
      answer: '存放对 `prompt` 的回答的列。',
      system: '给没有系统消息的对话加上的系统消息。',
      template: '按名称选用的模板。默认：plain。',
      path: '含有聊天模板的文件夹、tokenizer_config.json 或 .jinja 文件。',
      jinja: '模板本身。',
      bos: '模板所说的 bos_token。默认：以其 tokenizer_config.json 或所选模板为准。',
      eos: '模板所说的 eos_token。默认：同 bos；用 `jinja` 时为 "<|endoftext|>"。',
      learn: '学习对话中的所有回答，还是只学最后一个。',
    },
  },
  pack: {
    doc:
      '把一列文本变成词元窗口：`train` 与 `evaluate` 原样接受这些行，只分词一次，并在多次运行间共用。\n\n' +
      '`joined`：所有文本连成一条流，每段文本后接文档结束词元，再切成窗口；一个窗口可能含有一段文本的结尾和另一段的开头，' +
      '注意力两者都看得到。DeepSeek-V3 就是这样训练的（arXiv 2412.19437，4.1），`train` 对文本行也是如此。' +
      '`packed`：把完整的文本一起放进窗口，用最佳适应递减法（Ding 等，arXiv 2404.10830）；注意力不会从一段伸到另一段，' +
      '每段的位置重新从头计，也没有哪一段要由前一段来预测。`padded`：每个窗口一段文本，其余留空，费时间而学不到东西。' +
      '比窗口长的文本会切成几段，或用 `long: "cut"` 舍去末尾。\n\n' +
      '一个窗口有 `context` 个要预测的词元。各列：`tokens` 是词元 id，`documents` 是每段文本各占多少个' +
      '（其最后一个词元不用来预测），如果表说明了要学什么（见 `chat`），`learned` 则给出在 `tokens` 中从哪里到哪里。' +
      '没有可学内容的窗口会舍去。打乱顺序在训练时进行。',
    inputs: {
      table: '文本，或 `chat` 写出的对话。',
      tokenizer: '词表：模型所用的那一个。',
    },
    params: {
      context: '模型一次看到的词元数，与 `train` 相同。',
      documents: '文本怎样共用窗口。',
      long: '不相连时，比窗口长的文本怎么办。',
      column: '存放文本的列。',
    },
  },
};

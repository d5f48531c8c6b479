// Simplified Chinese of the kinds in engine/nodes/train.
import type { KindWords } from './words.ts';

export const train: Record<string, KindWords> = {
  adamw: {
    doc:
      'AdamW 优化器，每一步都与 PyTorch 的实现一致。权重衰减只作用于矩阵，不作用于归一化的增益和偏置。' +
      '来源：Loshchilov & Hutter，arXiv 1711.05101。',
    inputs: {},
    params: {
      lr: '最高学习率；由学习率调度对其缩放。',
      betas: '梯度及其平方的滑动平均的衰减率。',
      weight_decay: '权重衰减系数：每单位学习率从权重中减去的比例。',
      eps: '加在分母上的小常数。',
    },
  },
  compare: {
    doc:
      '把一列预测与另一列标准答案对照评分：标签用准确率和 F1，文本用 BLEU 和 ROUGE。\n\n' +
      '`accuracy` 是两者相同的行所占的比例。`f1` 给出各标签的平均值（`f1_macro`）、按各标签行数加权的平均值（`f1_weighted`）、' +
      '所有行合计的值（`f1_micro`），标签不多时还逐个给出精确率、召回率和 F1；算法都与 scikit-learn 相同，没有预测时记 0。' +
      '给出 `positive` 时，另外给出该标签的精确率、召回率和 F1。\n\n' +
      '`bleu` 是整张表的 BLEU，从 0 到 100，算法与 sacrebleu 相同（Post 2018，arXiv:1804.08771；签名为 tok:13a、smooth:exp、eff:no）。' +
      '`rouge` 给出 ROUGE-1、ROUGE-2、ROUGE-L 以及按行计算的 ROUGE-Lsum 的平均 F 值（Lin 2004），从 0 到 1，' +
      '算法与 Google 的 rouge-score 相同，只看字母 a 到 z 和数字。用到这两者之一时，输出 `table` 带有每行各自的得分列；' +
      '其中的 `bleu` 是单句的（eff:yes）。\n\n' +
      '有多个标准答案时，每种 ROUGE 取得分最高的一个，BLEU 则采用所有答案的 n 元组。没有预测或没有任何标准答案的行不计入，并会报告其行数。',
    inputs: { table: '带有预测和标准答案的行。' },
    params: {
      prediction: '存放模型输出的列。',
      reference: '存放标准答案的列；用于 BLEU 和 ROUGE 时可以有多列。',
      metrics: '要计算的指标：accuracy、f1、bleu、rouge。',
      positive: '配合 `f1`：要单独给出精确率、召回率和 F1 的标签，例如 "spam"。',
      lowercase: '配合 `bleu`：不区分大小写。',
      stemmer: '配合 `rouge`：比较词干（Porter 1980，含 NLTK 的改动）。',
    },
  },
  evaluate: {
    doc:
      '在整张表的文本上计算模型的平均损失（交叉熵，单位为 nat/词元）和困惑度。' +
      '文本切成长度为 `context` 个词元、互不重叠的窗口。`pack` 的行按原来的窗口使用。' +
      '行里说明了要学什么时（见 `chat`），只计这部分；`tokens` 给出其词元数。',
    inputs: {
      model: '训练好的模型。',
      data: '用于评估的文本，或 `pack` 做好的窗口。',
    },
    params: {
      context: '窗口长度。默认：训练时的上下文长度。',
      batch: '同时计算的窗口数。',
      column: '存放文本的列。',
    },
  },
  generate: {
    doc:
      '用训练好的模型接着提示词生成文本。之前各词元的键和值会被缓存；使用 mla 时，每层每个词元只缓存一个潜向量和一个旋转键。\n\n' +
      '给出 `messages` 时，它回答一段对话，按模型学过的形式书写：用训练数据背后 `chat` 的模板，或 `pretrained` 模型文件夹里的模板。' +
      '回答到模板的结束标记为止；`chat` 添加过的系统消息也要在这里给出。',
    inputs: { model: '训练好的模型。' },
    params: {
      prompt: '要续写的文本；留空则从头写一篇新文档。',
      messages: '要回答的对话，代替 `prompt`："user: ..."，或这样的文本的列表；角色为 system、user 和 assistant。',
      temperature: '0 总是取概率最大的词元，1 按模型给出的概率采样。',
      top_p: '只从概率最大、累计概率达到此值的那些词元中采样。',
      max_tokens: '最多生成的词元数。',
      seed: '随机种子：种子不同，文本就不同。',
    },
  },
  train: {
    doc:
      '训练模型预测表中文本的下一个词元。所有文本连接成一条流，每篇之后加上文档结束标记，再切成长度为 `context` 个' +
      '词元的窗口；每一轮都以新的随机顺序遍历全部窗口。`pack` 的行按原来的窗口使用。行里说明了要学什么时（见 `chat`），' +
      '损失是这部分的平均。在装有 TensorFlow 原生库的机器上，每一步只需调用一次编译好的计算图。' +
      '训练中断后，可用 `dsk run --resume` 精确地从中断处继续。',
    inputs: {
      model: '新模型，或要继续训练的已有模型。',
      data: '用于学习的文本，或 `pack` 做好的窗口。',
      valid: '训练过程中用来测量损失的文本，不参与学习。',
      optimizer: '如何用梯度更新权重。',
      schedule: '学习率的变化过程。默认：恒定。',
    },
    params: {
      steps: '权重更新的次数。',
      context: '模型一次看到的词元数。',
      batch: '每步的窗口数。',
      clip: '梯度裁剪：把梯度的全局范数缩小到不超过此值；0 表示不裁剪。',
      seed: '随机种子：决定初始权重和窗口的顺序。',
      column: '存放文本的列。',
      validate_every: '两次验证之间的步数。默认：总步数的十分之一。',
      validate_batches: '每次验证读取多少验证文本。',
      checkpoint_every: '两个检查点之间的步数。默认：总步数的十分之一；运行中断时也会保存一个。',
    },
  },
  warmup_cosine: {
    doc:
      '学习率调度：预热期间从 0 线性上升，之后沿半个余弦周期下降，最后一步降到优化器学习率的 `floor` 倍。' +
      '来源：Loshchilov & Hutter，arXiv 1608.03983。',
    inputs: {},
    params: {
      warmup: '预热长度：小于 1 时为占总步数的比例（如 10%），否则为步数。',
      floor: '结束时剩余的学习率比例。',
    },
  },
};

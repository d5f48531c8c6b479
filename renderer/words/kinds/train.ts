// Simplified Chinese of the kinds in engine/nodes/train.
import type { KindWords } from './words.ts';

export const train: Record<string, KindWords> = {
  adafactor: {
    doc:
      'Adafactor 优化器，每一步都与 transformers 的实现一致。矩阵的二阶矩只保留各行和各列的平均值，因此除权重外几乎不占内存。' +
      '不给 `lr` 时步长是相对的：权重的大小乘以 1/100 与步数平方根的倒数中较小的一个。来源：Shazeer & Stern，arXiv 1804.04235。',
    inputs: {},
    params: {
      lr: '学习率；由学习率调度对其缩放。默认：相对于步数。',
      warmup_init: '以步数的百万分之一为步长开始。用于相对步长。',
      scale_parameter: '让步长与权重的均方根成正比。',
      clip_threshold: '乘学习率之前，更新的均方根的上限。',
      decay_rate: '二阶矩保留自身的 1 - step ^ decay_rate。',
      momentum: '保留上一次更新的比例；0 表示不保留，可节省内存。',
      weight_decay: '每单位学习率从各矩阵中减去的比例。',
    },
  },
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
  causal: {
    doc:
      '预测下一个词元：模型以 lm_head 结尾时 `train` 的默认目标。损失是所有词元的平均交叉熵；行里说明了要学什么时（见 `chat`），' +
      '只计这部分。所有文本连接成一条流，每篇之后加上文档结束标记，再切成长度为 `context` 个词元的窗口；`pack` 的行按原样使用。',
    inputs: {},
    params: {
      smoothing:
        '把每个目标的这一份额平均分给所有可能，使模型不至于过于自信（标签平滑，Szegedy et al.，arXiv 1512.00567）。在其他行上测量的损失不含平滑。',
    },
  },
  classification: {
    doc:
      '区分类别：模型以 class_head 结尾时 `train` 的默认目标。每一行单独学习：文本、图片、序列，模型读什么就是什么。' +
      '正确的标签存放在一列里，损失是其平均交叉熵，与 torch 的 `CrossEntropyLoss` 在相同平滑和权重下一致。',
    inputs: {},
    params: {
      label: '存放标签的列：文本、数字或真假值。它们是 class_head 的标签。',
      smoothing:
        '把每个目标的这一份额平均分给所有可能，使模型不至于过于自信（标签平滑，Szegedy et al.，arXiv 1512.00567）。在其他行上测量的损失不含平滑。',
      class_weights: '各类别的一行算多少，按标签的顺序；"balanced"：使所有类别的分量相同。默认：每行算 1。',
    },
  },
  lamb: {
    doc:
      'LAMB 优化器，用于很大的批次：取 Adam 的方向，并对每个矩阵按其范数与该方向范数之比缩放。归一化的增益和偏置既不缩放也不衰减。' +
      '每一步都与 timm 的实现一致。来源：You et al.，arXiv 1904.00962。',
    inputs: {},
    params: {
      lr: '最高学习率；由学习率调度对其缩放。',
      betas: '梯度及其平方的滑动平均的衰减率。',
      eps: '加在分母上的小常数。',
      weight_decay: '把各权重的这一比例加到方向上。',
    },
  },
  masked: {
    doc:
      '找出被遮住的词元：lm_head 之前的块里词元都能互相看到时 `train` 的默认目标。每一行单独学习。每一步抽取 15% 的词元（至少一个）；' +
      '其中 80% 换成词元 [MASK]，10% 换成别的词元，10% 不变；损失是原来词元的平均交叉熵。特殊词元和填充从不被抽取，也不会用来替换别的词元。' +
      '来源：Devlin et al.，arXiv 1810.04805，数值取自其 create_pretraining_data.py。\n\n' +
      '分词器需要一个表示被遮住的词元：`tokenizer(..., special: ["[CLS]", "[SEP]", "[MASK]"])`；有了前两个，每行就以它们开头和结尾。',
    inputs: {},
    params: {
      share: '每行里要找出的词元所占的比例。',
      whole_words: '把一个词的所有词元一起遮住。词是空格之间的部分。',
      smoothing:
        '把每个目标的这一份额平均分给所有可能，使模型不至于过于自信（标签平滑，Szegedy et al.，arXiv 1512.00567）。在其他行上测量的损失不含平滑。',
    },
  },
  muon: {
    doc:
      'Muon 优化器：模型内部的每个矩阵沿其动量移动，动量先经 Newton-Schulz 迭代正交化；每一步都与 torch.optim.Muon 一致（这里用 float32 计算，而不是 bfloat16）。' +
      '嵌入、输出头、归一化的增益和偏置按 `other_lr` 用 AdamW 更新。一个权重里放着几个矩阵（q、k 和 v）时，各自单独正交化。' +
      '来源：Jordan et al. 2024（kellerjordan.github.io/posts/muon）；`scale: "adamw"` 见 Liu et al.，arXiv 2502.16982。',
    inputs: {},
    params: {
      lr: '矩阵的最高学习率；由学习率调度对其缩放。',
      other_lr: '其余权重的最高学习率；同样由学习率调度缩放。',
      momentum: '梯度的滑动平均中保留的比例。',
      nesterov: '沿动量方向向前看一步。',
      weight_decay: '权重衰减系数：每单位学习率从权重中减去的比例。',
      iterations: 'Newton-Schulz 迭代的次数。',
      scale:
        'r 行 c 列的矩阵的步长系数。original：max(1, r / c) 的平方根；adamw：max(r, c) 的平方根的 0.2 倍，这样为 AdamW 找到的学习率也合用。',
      betas: '梯度及其平方的滑动平均的衰减率。',
      eps: '加在分母上的小常数。',
    },
  },
  predict: {
    doc:
      '训练好的模型对每一行说什么，放在表的新列里。这些行不需要标签或目标。\n\n' +
      'class_head 之后：最可能的标签、`NAME_probability` 和 `NAME_probabilities`：所有标签的概率，按输出头的顺序。\n\n' +
      'value_head 之后：数字；有多列时，每列一个 `NAME_COLUMN`。\n\n' +
      'vector_head 之后：向量，以列表表示。\n\n' +
      '有编码器和 lm_head 时：写出的文本，每次取最可能的词元。\n\n' +
      '与表中的某一列比较打分：`compare`。',
    inputs: { model: '训练好的模型。', table: '要询问的行。' },
    params: {
      column: '模型读文本时，存放文本的列。',
      context: '更长的文本在此截断。默认：训练时的上下文长度。',
      batch: '同时计算的行数。',
      to: '新列的名称。',
      max_tokens: '写文本时：每篇最多的词元数。默认：64。',
    },
  },
  regression: {
    doc:
      '预测数字：模型以 value_head 结尾时 `train` 的默认目标。每一行单独学习。输出头写明存放数字的列；一列也可以是只含一个数字的列表，' +
      '即 `windows` 的 horizon 为 1 时所得。损失是均方误差，或 Huber 损失（Huber 1964），后者对大误差计得较少；两者都与 torch 一致。\n\n' +
      '除非 `scale` 为 false，数字先减去平均值、再除以标准差（按所学的行计算）再学习，损失也以此为单位。训练好的模型给出的数字与表中的单位一致。',
    inputs: {},
    params: {
      loss: '如何计算与正确数字的距离。',
      delta: 'huber：误差从此距离起按大小而不是平方计算。默认：1。',
      scale: '使数字的平均值为 0、标准差为 1 再学习。false：按原样学习。',
    },
  },
  seq2seq: {
    doc:
      '把一个序列变成另一个，例如把单词变成音素：lm_head 之前的块读取编码器时 `train` 的默认目标。编码器读取训练的 `column`；' +
      '解码器学习逐个词元地写出 `target`，输入的是之前正确的词元（teacher forcing）。每一行单独学习；损失是目标所有词元（包括结束词元）的' +
      '平均交叉熵。来源：Sutskever et al.，arXiv 1409.3215；Vaswani et al.，arXiv 1706.03762。',
    inputs: {},
    params: {
      target: '存放要写出的文本的列。',
      smoothing:
        '把每个目标的这一份额平均分给所有可能，使模型不至于过于自信（标签平滑，Szegedy et al.，arXiv 1512.00567）。在其他行上测量的损失不含平滑。',
    },
  },
  sgd: {
    doc:
      '带动量的随机梯度下降，每一步都与 PyTorch 的实现一致。权重衰减是梯度的一部分，只作用于矩阵。除权重外，它比 AdamW 少占三分之一的内存。' +
      '来源：Sutskever et al. 2013（Nesterov 动量）。',
    inputs: {},
    params: {
      lr: '最高学习率；由学习率调度对其缩放。',
      momentum: '保留上一步方向的比例；0 表示不保留。',
      nesterov: '沿动量方向向前看一步。需要动量。',
      weight_decay: '加到梯度上的权重比例。',
    },
  },
  simcse: {
    doc:
      '通过比较学习向量：模型以 vector_head 结尾时 `train` 的默认目标。按余弦，每个文本的另一个视图必须比批次中其他所有文本的视图更近：' +
      '损失是余弦除以 `temperature` 后的平均交叉熵。批次越大学得越多，因为要区分的更多。\n\n' +
      '没有 `positive` 时，另一个视图是同一文本再来一次：区别在于 dropout 丢弃的部分，所以模型需要 dropout。' +
      '给出它时，另一个视图是另一列里意思相同的文本；再给出 `negative` 时，第三列里相近但意思不同的文本也属于必须更远的文本。' +
      '来源：SimCSE（Gao et al.，arXiv 2104.08821）。',
    inputs: {},
    params: {
      temperature: '余弦除以此值：越小，其他文本中最近的那些就越重要。',
      positive: '存放意思相同的文本的列。默认：文本本身再来一次。',
      negative: '存放看起来相似但意思不同的文本的列。需要 `positive`。',
    },
  },
  evaluate: {
    doc:
      '计算模型在整张表上的平均损失，以及与其训练目标（objective）相应的分数。\n\n' +
      'causal：在全部文本上、按长度为 `context` 个词元、互不重叠的窗口，计算每个词元的交叉熵（单位为 nat）和困惑度。' +
      '`pack` 的行按原来的窗口使用。行里说明了要学什么时（见 `chat`），只计这部分；`tokens` 给出其词元数。\n\n' +
      'masked：在被遮住的词元上计算同样的数值（每次遮住的都相同），以及猜对的比例（准确率）。\n\n' +
      'classification：准确率、各类别 F1 的平均（macro）和按行数加权的平均，以及每个类别的精确率、召回率和 F1。\n\n' +
      'regression：均方根误差、平均绝对误差和解释方差的比例，单位与表中一致。\n\n' +
      'seq2seq：困惑度，以及每次都取最可能的词元时，写出的文本与目标完全一致的行所占的比例。\n\n' +
      'simcse：另一个视图是其批次中最近者的行所占的比例。',
    inputs: {
      model: '训练好的模型。',
      data: '用于评估的行，或 `pack` 做好的窗口。',
      objective: '评估什么。默认：模型训练时的目标。',
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
  stages: {
    doc:
      '学习率调度，由依次进行的几个阶段组成：每个阶段有长度、结束时相对优化器学习率的系数，以及从上一阶段的终点（第一个阶段之前为 0）到那里的方式。`constant` 一开始就到终点。最后一个阶段之后保持不变。\n\n' +
      '示例是 DeepSeek-V3 的调度：2,000 步预热，67% 的词元保持不变，沿半个余弦降到十分之一，最后是两段不变的部分（arXiv 2412.19437，第 4.2 节）。',
    inputs: {},
    params: {
      lengths: '各阶段的长度：小于 1 时为占总步数的比例，否则为步数。',
      ends: '各阶段结束时相对优化器学习率的系数。',
      shapes: '各阶段到达终点的方式：`constant`、`linear`、`cosine` 或 `root`。',
    },
  },
  train: {
    doc:
      '用表中的行训练模型。学什么由训练目标决定：用 `causal`（lm_head 之后的默认目标）时学习预测下一个词元。这时所有文本连接成一条流，' +
      '每篇之后加上文档结束标记，再切成长度为 `context` 个词元的窗口；`pack` 的行按原来的窗口使用；行里说明了要学什么时（见 `chat`），' +
      '损失是这部分的平均。用其他目标时每一行单独学习：超过 `context` 个词元的文本会被截断，运行时会说明。\n\n' +
      '每一轮都以新的随机顺序遍历全部窗口或行。在装有 TensorFlow 原生库的机器上，每一步只需调用一次编译好的计算图。' +
      '训练中断后，可用 `dsk run --resume` 精确地从中断处继续。',
    inputs: {
      model: '新模型，或要继续训练的已有模型。',
      data: '用于学习的行，或 `pack` 做好的窗口。',
      valid: '训练过程中用来测量损失的行，不参与学习。',
      objective:
        '为什么目标而训练。默认：模型原来的训练目标，否则按其形状：lm_head 用 `causal`（词元能看到其他所有词元时用 `masked`，' +
        '带编码器时用 `seq2seq`），有相应输出头时用 `classification`、`regression` 或 `simcse`。',
      optimizer: '如何用梯度更新权重。',
      schedule: '学习率的变化过程。默认：恒定。',
    },
    params: {
      accumulate: '每步依次学习的批次数：相当于一个大这么多倍的批次，只占一个批次的内存。默认：1。',
      ema: '保留权重的滑动平均，作为训练的结果和测量的对象：每步保留自身的比例，如 0.999；开始时较少。默认：不保留。',
      checkpointing: '每层只保留输入，其余在反向传播时重新计算：约慢三分之一，内存少得多。默认：false。',
      precision:
        '矩阵乘积用什么精度计算：bfloat16 和 float16 使需要保留的部分只占一半内存，处理器支持时也更快。权重、归一化、softmax 和损失仍用 float32；用 fp16 时会缩放损失，并跳过梯度溢出的步。默认：fp32。',
      steps: '权重更新的次数。',
      context: '模型一次看到的词元数。',
      batch: '每步的窗口数或行数。',
      clip: '梯度裁剪：把梯度的全局范数缩小到不超过此值；0 表示不裁剪。',
      seed: '随机种子：决定初始权重、行的顺序和其他随机抽取的内容。',
      column: '存放文本的列。',
      validate_every: '两次验证之间的步数。默认：总步数的十分之一。',
      patience: '验证损失连续这么多次没有比之前的最佳值更好时，停止训练。默认：不提前停止。',
      min_delta: '验证损失至少要下降多少才算更好。默认：0。',
      keep: '以哪些权重为结果：最后的，还是验证损失最低的。默认：last。',
      spikes:
        '损失或梯度明显超出之前各步时如何处理：只作报告；或者这一步不改变任何权重，得不到有限数值的步也一样；或者训练退回去，并从其后的批次继续。默认：report。',
      spike_sigma: '超出之前各步平均值多少个标准差才算突变。默认：6。',
      spike_window: '回看多少步；至少有了其中一半的步数之后才开始判断。默认：100。',
      roll_back_every: '配合 `roll_back`：退回到这么多步的最近一个倍数。默认：总步数的十分之一。',
      samples: '文本的开头；训练途中模型不时接着写，以便看到它学到了什么。',
      sample_every: '两次写样例之间的步数。默认：总步数的十分之一。',
      sample_tokens: '这类文本最多的词元数。默认：40。',
      validate_batches: '每次验证读取多少验证文本。',
      checkpoint_every: '两个检查点之间的步数。默认：总步数的十分之一；运行中断时也会保存一个。',
    },
  },
  warmup_constant: {
    doc: '学习率调度：预热期间从 0 线性上升，之后保持不变。用于还没有终点的训练。',
    inputs: {},
    params: {
      warmup: '预热长度：小于 1 时为占总步数的比例（如 10%），否则为步数。',
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
  warmup_linear: {
    doc: '学习率调度：预热期间从 0 线性上升，之后线性下降，最后一步降到优化器学习率的 `floor` 倍，BERT 就是这样训练的。来源：Devlin et al.，arXiv 1810.04805。',
    inputs: {},
    params: {
      warmup: '预热长度：小于 1 时为占总步数的比例（如 10%），否则为步数。',
      floor: '结束时剩余的学习率比例。',
    },
  },
  warmup_stable_decay: {
    doc:
      '学习率调度：预热期间从 0 线性上升，之后保持不变，最后若干步降到优化器学习率的 `floor` 倍。不变的部分没有终点，因此可以从下降之前的位置用更多数据继续训练。' +
      '来源：MiniCPM，arXiv 2404.06395；平方根形状见 Hägele et al.，arXiv 2405.18392。',
    inputs: {},
    params: {
      warmup: '预热长度：小于 1 时为占总步数的比例（如 10%），否则为步数。',
      decay: '下降部分的长度：小于 1 时为占总步数的比例，否则为步数。',
      shape: '学习率下降的方式：沿半个余弦、沿直线，或按 1 减去进度的平方根。',
      floor: '结束时剩余的学习率比例。',
    },
  },
};

const { inputs: tables, params: training } = train.train as KindWords;
const { objective: _, ...shared } = tables;

/** As `train` does it, on a teacher's answers as well. */
train.distil = {
  doc:
    '让学生模型学习教师模型的回答，并与文本本身混合。损失为 `alpha T² KL + (1 - alpha) CE`：两者温度均为 T 时学生的分布与教师的差距，' +
    '以及文本的交叉熵；其余与 `train` 相同。两个模型只需使用同一个分词器；词表在计算之前就会比较。`valid_loss` 只是交叉熵。\n\n' +
    '训练之前，教师把每个窗口读一遍：它最可能的 `top_k` 个词元的概率存到磁盘上（每个 8 字节，每个位置都有），' +
    '同一张表上的所有训练共用，教师不必留在内存里。其余所有词元合算为一个。\n\n' +
    '给出 `student_layers` 和 `teacher_layers` 时，学生这些层之后的状态经过一个学习得到的投影，也向教师的状态靠拢' +
    '（均方误差乘以 `feature_weight`）。这时教师留在内存里，每一步一同前向计算一次：它的状态若存到磁盘，要比概率大得多。' +
    '来源：Hinton 等，arXiv 1503.02531；Romero 等，arXiv 1412.6550。',
  inputs: { ...shared, model: '学生：新模型，或已训练的模型。', teacher: '使用同一个分词器的已训练模型。' },
  params: {
    ...training,
    temperature: '比较之前把两个分布都变平缓；1 表示保持原样。',
    alpha: '教师的回答在损失中所占的比例；其余是文本的损失。',
    top_k: '教师最可能的词元中逐个计算的个数；词表更小时为全部。',
    student_layers: '学生中状态要学习的层，从 1 数起。',
    teacher_layers: '这些层要学习的教师的层，一一对应。',
    feature_weight: '状态误差的权重。默认：1。',
  },
};

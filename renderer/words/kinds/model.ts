// Simplified Chinese of the kinds in engine/nodes/model.
import type { KindWords } from './words.ts';

export const model: Record<string, KindWords> = {
  adapters: {
    doc:
      '读取 Python 的 peft 保存的 LoRA 适配器文件夹（`adapter_config.json` 和 `adapter_model.safetensors`），用于训练它们时的那个模型。' +
      '与 `lora` 之后一样，可用 `train` 继续学习。',
    inputs: { model: '适配器所属的模型。' },
    params: { path: '存放这些文件的文件夹。' },
  },
  lora: {
    doc:
      '为已训练模型的线性层加上低秩适配器：每层给出 `W x + alpha / rank * B A x`，`train` 只更新 A [rank, 列数] 和 B [行数, rank]，' +
      '只占全部参数的一小部分。B 从零开始，所以起初模型的回答不变。训练结果只保存适配器；`merge` 把它们并入权重，' +
      '`export(format: "peft")` 写成 Python 的 peft 可读的文件。来源：Hu 等，arXiv 2106.09685。',
    inputs: { model: '已训练、尚无适配器的模型。' },
    params: {
      rank: '适配器的宽度（秩）。',
      alpha: '适配器的权重：其输出乘以 alpha / rank。',
      dropout: '训练时适配器输入被丢弃的比例。存放在同一个权重里的层（q、k、v）共用一次抽取。',
      targets:
        '作用于哪些线性层：名称的结尾，或 "all-linear" 表示除输出头和专家外的所有层。使用 mla 时：q_proj（或 q_a_proj 和 q_b_proj）、' +
        'kv_a_proj_with_mqa、kv_b_proj、o_proj；前馈网络：gate_proj、up_proj、down_proj。',
      seed: '随机种子：决定 A 的初始值。',
    },
  },
  merge: {
    doc:
      '把模型的适配器并入它的权重：`W + alpha / rank * B A`。回答不变，得到没有适配器、与原模型同样大小的模型。' +
      '来源：Hu 等，arXiv 2106.09685，第 4.1 节。',
    inputs: { model: '带适配器的模型（见 lora）。' },
    params: {},
  },
  class_head: {
    doc: '分类输出头：最后做一次归一化，把整行合成一个向量，再为 `labels` 中的每个类别给出一个分数。用训练目标 `classification` 训练。',
    inputs: { hidden: '最后一个块。' },
    params: {
      labels: '类别，写法与表中一致；数字按文本书写。',
      pool: '如何把所有位置的状态合成一个向量：取第一个（first）、最后一个（last）或平均（mean），填充位置不计。默认：各位置只看得到前文时取 last，否则取 mean。',
      dense: '在合并之后再加一个线性层和 tanh，与 BERT 的 pooler 相同。默认：false。',
      dropout: '训练时丢弃的合并向量的比例。默认：0。',
      eps: '最后一个归一化层的 epsilon。',
      norm: '最后一个归一化层。默认：与最后一个块相同；若其归一化位于子层之后，则不再归一化。',
    },
  },
  convolution: {
    doc:
      'Transformer 各块之前的卷积：作用于 `picture` 的图像，或 `series` 的时间轴；带偏置和激活函数，再取每 `pool` 个相邻值中的最大值。' +
      '最后一层卷积之后，每个位置成为一个隐藏状态。令 `size` 与 `stride` 相等、`padding: 0`、`activation: "none"`，' +
      '即可像视觉 Transformer 那样切分图块（Dosovitskiy 等，arXiv 2010.11929）。',
    inputs: { hidden: '图像、序列或另一个卷积。' },
    params: {
      channels: '结果的通道数。',
      size: '窗口的边长，或其时间长度。',
      stride: '窗口移动的步长。',
      padding: '四周补零的宽度。默认：size 的一半，向下取整。',
      activation: '卷积之后的激活函数。',
      pool: '取最大值的方块的边长；1 表示全部保留。',
    },
  },
  embedding: {
    doc:
      '词元嵌入：为分词器词表中的每个词条学习一个 `dim` 维向量。其后接模型的各个块。旋转注意力自身知道位置；' +
      '否则可用 `positions` 为每个位置加上一个向量：学习得到的（GPT-2、BERT），或正弦与余弦（Vaswani 等，arXiv 1706.03762，第 3.5 节）。' +
      '连接 `front` 时，图像或序列的状态排在词元的状态之前。',
    inputs: { tokenizer: '词表。', front: '图像或序列，可带卷积：其状态排在词元的状态之前。' },
    params: {
      dim: '模型残差流的宽度。',
      vocab: '嵌入表的行数，不小于分词器的词表大小。默认：分词器的词表大小。',
      init: '正态分布的标准差，模型的所有权重都按该分布初始化。',
      positions: '为每个位置加上什么。默认：不加。',
      context: '与 positions 配合：供词元使用的位置数。更长的窗口无法读入。',
      segments: 'BERT 段表的行数：为每个词元的向量加上其中一行，未指明时为第一行。默认：无。',
      norm: '对词元各向量之和做的归一化，BERT 用 layer。默认：不做。',
      eps: '该归一化的 epsilon。默认：0.000001。',
      dropout: '训练时丢弃的词元向量的比例。默认：0。',
    },
  },
  lm_head: {
    doc:
      '语言模型输出头：最后做一次归一化，再为词表中的每个词元给出一个分数（logit）。' +
      '启用 `tied` 时复用嵌入表，不再单设权重。设置 `further` 时带有 DeepSeek-V3 的多词元预测模块' +
      '（arXiv 2412.19437，第 2.2 节）：每个模块是与最后一个块相同的一层，学习预测再往后一个的词元；它们只用于训练。',
    inputs: { hidden: '最后一个块。' },
    params: {
      tied: '与嵌入层共享权重表。',
      eps: '最后一个归一化层的 epsilon。',
      norm: '最后一个归一化层。默认：与最后一个块相同；若其归一化位于子层之后，则不再归一化。',
      bias: '每个词元一个偏置，与 BERT 相同。默认：false。',
      transform: '在打分之前加一个线性层、GELU 和 LayerNorm，与 BERT 相同。默认：false。',
      further: '预测更远词元的模块数；DeepSeek-V3 为 1。默认：0。',
      further_weight: '这些模块的平均损失在最小化目标中所占的权重；报告的损失不含它。默认：0.3。',
    },
  },
  mha: {
    doc:
      '使用旋转位置编码（RoPE）的多头注意力。`kv_heads` 小于 `heads` 时，多个查询头共用一个键值头（分组查询注意力，GQA）。' +
      '来源：Vaswani 等，arXiv 1706.03762；Ainslie 等，arXiv 2305.13245。',
    inputs: {},
    params: {
      heads: '查询头数。',
      kv_heads: '键值头数，须整除 heads。默认：与 heads 相同。',
      head_dim: '每个头的宽度，须为偶数。默认：模型宽度 / heads。',
      rope_theta: '旋转频率的基数。',
      positions:
        '查询和键是否按位置旋转（Su 等，arXiv 2104.09864），或位置由别处给出，例如嵌入的 positions。默认：rotary。',
      bias: '偏置：线性层都不带（none），查询、键和值带（qkv，Qwen2），或输出也带（all，GPT-2、BERT）。默认：none。',
      dropout: '训练时丢弃的注意力权重的比例。默认：0。',
      yarn_factor: 'YaRN 的上下文扩展倍数（Peng 等，arXiv 2309.00071）；1 表示不扩展。默认：1。',
      yarn_context: '扩展前的上下文长度。默认：4096。',
      yarn_beta_fast: 'YaRN 旋转圈数的上界。默认：32。',
      yarn_beta_slow: 'YaRN 旋转圈数的下界。默认：1。',
      llama3_factor: '与 LLaMA 3.1（arXiv 2407.21783）相同的上下文扩展：慢波被拉长的倍数。默认：1。',
      llama3_context: '扩展前的上下文长度。默认：8192。',
      llama3_low: '在该上下文内圈数低于此值的波被整体拉长。默认：1。',
      llama3_high: '圈数高于此值的波保持不变。默认：4。',
    },
  },
  mla: {
    doc:
      '多头潜在注意力（MLA），与 DeepSeek-V2 和 V3 相同。所有头的键和值都由每个词元的一个 `kv_rank` 维潜向量得出，' +
      '位置信息来自所有头共享的一个 `rope_dim` 维旋转键；生成时只需缓存这两者。来源：arXiv 2405.04434，第 2.1 节。',
    inputs: {},
    params: {
      heads: '注意力头数。',
      kv_rank: '潜向量的宽度，键和值由它还原。',
      rope_dim: '每个查询和共享键中旋转部分的宽度，须为偶数。',
      head_dim: '每个头的宽度，不含旋转部分。默认：模型宽度 / heads。',
      value_dim: '每个值头的宽度。默认：head_dim。',
      q_rank: '查询也经过潜向量时，该潜向量的宽度。默认：不使用，查询直接投影得到。',
      rope_theta: '旋转频率的基数。',
      rope_interleaved: '像 DeepSeek 那样旋转相邻通道，而不是前后两半。',
      yarn_factor: 'YaRN 的上下文扩展倍数；1 表示不扩展。',
      yarn_context: '扩展前的上下文长度。',
      yarn_beta_fast: 'YaRN 旋转圈数的上界。',
      yarn_beta_slow: 'YaRN 旋转圈数的下界。',
      yarn_mscale: 'YaRN 对旋转部分数值的缩放系数。',
      yarn_mscale_all_dim: 'YaRN 对注意力分数的缩放系数。',
    },
  },
  moe: {
    doc:
      '混合专家（MoE），与 DeepSeek-V3 相同：路由器用 sigmoid 为所有专家打分，把每个词元送往得分最高的 `active` 个专家；' +
      '不丢弃任何词元。每个专家有一个偏置，每步之后向分配不足的专家倾斜；偏置只参与选择，不参与加权，' +
      '因此无需辅助损失即可保持负载均衡。来源：arXiv 2412.19437，第 2.1.2 节。' +
      '设置 `scores: "softmax"` 即为 DeepSeek-V2 的做法：没有偏置，各组按其最好的专家比较（arXiv 2405.04434，第 2.2 节）。',
    inputs: {},
    params: {
      experts: '路由专家数。',
      active: '每个词元送往的专家数。',
      shared: '每个词元都经过的共享专家数（合并为一个宽度为相应倍数的网络）。',
      dim: '单个专家的内部宽度。',
      groups: '专家的分组数；先选出最好的组。',
      active_groups: '每个词元可选的组数。默认：全部。',
      scale: '路由专家输出的缩放系数。',
      normalize: '缩放之前，把所选专家的权重归一化，使其和为一。',
      bias_speed: '每个专家的偏置每步向均衡方向移动多少；0 表示保持不变。',
      scores: '如何由路由器的乘积得出分数：sigmoid（DeepSeek-V3）或 softmax（DeepSeek-V2，没有偏置）。默认：sigmoid。',
      balance:
        '辅助损失的系数：衡量每个窗口的词元在专家间分配得多不均匀；参与最小化但不计入报告的损失。' +
        'DeepSeek-V3 为 0.0001，DeepSeek-V2 为 0.001。默认：0。',
    },
  },
  mlp: {
    doc:
      '由两个线性层和其间的激活函数组成的前馈网络：`down(gelu(up x))`，见于 GPT-2（`gelu_tanh`）、BERT（`gelu`）和最初的 Transformer（`relu`）。' +
      '来源：Vaswani 等，arXiv 1706.03762；Hendrycks 与 Gimpel，arXiv 1606.08415。',
    inputs: {},
    params: {
      dim: '内部宽度。',
      activation: '两层之间：GELU、其作者给出的 tanh 近似式，或 ReLU。',
      bias: '两层是否带偏置。',
      dropout: '训练时丢弃的内部数值的比例。',
    },
  },
  picture: {
    doc:
      '读取图像的模型的开端：列中图像（PNG 等格式；`image` 可由数值列表生成）的每个位置，经其各通道的学习线性映射，成为一个隐藏状态。' +
      '很少有模型需要这么多状态：' +
      '其后通常接卷积或图块（见 `convolution`）。再往后是各个块、输出头，或词元排在图像之后的嵌入。',
    inputs: {},
    params: {
      column: '存放图像的列。',
      height: '图像的行数。',
      width: '图像的列数。',
      channels: '每个像素的数值个数：1 为灰度，3 为红、绿、蓝。',
      dim: '模型残差流的宽度。',
      positions:
        '为每个状态的位置加上什么：学习得到的向量（learned），或正弦与余弦（sinusoidal，Vaswani 等，arXiv 1706.03762，第 3.5 节）。' +
        '默认：不加，适用于旋转注意力，以及置于嵌入之前的情形（此时嵌入的位置涵盖所有状态）。',
      init: '正态分布的标准差，模型的所有权重都按该分布初始化。',
    },
  },
  pretrained: {
    doc:
      '从 Hugging Face 布局的文件夹读入模型：`config.json`、一个或多个 `.safetensors` 文件，以及在需要读写文本时的 ' +
      '`tokenizer.json`；或从一个 GGUF 文件（llama.cpp 的格式）读入。支持的模型族：deepseek_v2、deepseek_v3、llama、qwen2、gpt2、bert（遮盖词预测、分类，或不带输出头：取其状态的均值）。权重可为 float32、float16、' +
      'bfloat16 或分块缩放的 float8（E4M3）；GGUF 中可为 F32、F16、BF16、Q8_0、Q4_0、Q4_1、Q4_K 或 Q6_K，仅限 llama。' +
      '计算时一律用 float32，逐个张量从文件读取。' +
      '文件夹里若有聊天模板（`chat_template.jinja` 或 `tokenizer_config.json`），它随模型同行：`generate` 按它提问，`export` 再把它写出。',
    inputs: {},
    params: {
      path: '存放这些文件的文件夹，或一个 .gguf 文件。',
      bias_speed: '继续训练时，每个专家的偏置每步向均衡方向移动多少；0 表示保持不变。',
    },
  },
  series: {
    doc:
      '读取数值序列的模型的开端：每列存放一个含 `time` 个数的列表，同一时刻各列的数值经学习得到的线性映射成为一个隐藏状态。' +
      '其后接时间轴上的卷积（见 `convolution`）、各个块和输出头。',
    inputs: {},
    params: {
      columns: '存放数值列表的列。',
      time: '列表的长度。',
      dim: '模型残差流的宽度。',
      positions:
        '为每个状态的位置加上什么：学习得到的向量（learned），或正弦与余弦（sinusoidal，Vaswani 等，arXiv 1706.03762，第 3.5 节）。' +
        '默认：不加，适用于旋转注意力，以及置于嵌入之前的情形（此时嵌入的位置涵盖所有状态）。',
      init: '正态分布的标准差，模型的所有权重都按该分布初始化。',
    },
  },
  swiglu: {
    doc: '门控前馈网络：`down(silu(gate x) * up x)`。来源：Shazeer，arXiv 2002.05202。',
    inputs: {},
    params: { dim: '内部宽度。' },
  },
  transformer_block: {
    doc:
      'Transformer 层，每个子层之前先做归一化：`x + attention(norm(x))`，然后 `x + ffn(norm(x))`。' +
      '设置 `repeat` 时，同样的层连续堆叠多次，各层权重相互独立。`causal: false` 时为编码器的层，每个位置都能看到所有其他位置。' +
      '连接 `memory` 时为编码器-解码器中解码器的层：两个子层之间还有对编码器最后状态的注意力（Vaswani 等，arXiv 1706.03762）。',
    inputs: {
      hidden: '该层的输入：嵌入或另一个块。',
      attention: '词元之间如何相互关注：mla 或 mha。',
      ffn: '对每个词元做什么变换：swiglu、mlp 或 moe。',
      memory: '编码器的最后一个块，该层会关注它的状态。所有带它的层必须连接同一个编码器。',
      cross: '如何关注这些状态：mha。默认：头数与 `attention` 相同。',
    },
    params: {
      repeat: '连续堆叠的层数。',
      eps: '各归一化层的 epsilon。',
      norm: 'RMSNorm（Zhang 与 Sennrich，arXiv 1910.07467），或带偏置的 LayerNorm（Ba 等，arXiv 1607.06450）。默认：rms。',
      place:
        '归一化的位置：在每个子层之前（pre），或像最初的 Transformer 和 BERT 那样在与残差流相加之后（post）。默认：pre。',
      causal: '每个位置是否只能看到它之前的位置；在编码器中能看到全部。默认：true。',
      dropout: '训练时丢弃的各子层输出的比例。默认：0。',
    },
  },
  value_head: {
    doc: '回归输出头：最后做一次归一化，把整行合成一个向量，再为 `columns` 中的每一列给出一个数。用训练目标 `regression` 训练。',
    inputs: { hidden: '最后一个块。' },
    params: {
      columns: '表中存放这些数的列。',
      pool: '如何把所有位置的状态合成一个向量：取第一个（first）、最后一个（last）或平均（mean），填充位置不计。默认：各位置只看得到前文时取 last，否则取 mean。',
      dense: '在合并之后再加一个线性层和 tanh，与 BERT 的 pooler 相同。默认：false。',
      dropout: '训练时丢弃的合并向量的比例。默认：0。',
      eps: '最后一个归一化层的 epsilon。',
      norm: '最后一个归一化层。默认：与最后一个块相同；若其归一化位于子层之后，则不再归一化。',
    },
  },
  vector_head: {
    doc: '向量输出头：最后做一次归一化，为整行给出一个与模型同宽的向量。用训练目标 `simcse` 训练。',
    inputs: { hidden: '最后一个块。' },
    params: {
      pool: '如何把所有位置的状态合成一个向量：取第一个（first）、最后一个（last）或平均（mean），填充位置不计。默认：各位置只看得到前文时取 last，否则取 mean。',
      dense: '在合并之后再加一个线性层和 tanh，与 BERT 的 pooler 相同。默认：false。',
      dropout: '训练时丢弃的合并向量的比例。默认：0。',
      eps: '最后一个归一化层的 epsilon。',
      norm: '最后一个归一化层。默认：与最后一个块相同；若其归一化位于子层之后，则不再归一化。',
    },
  },
};

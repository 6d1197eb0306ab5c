<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN">
    <context>
        <name>settings</name>
        <message>
            <source>Time</source>
            <translation>时间</translation>
        </message>
        <message>
            <source>Train this long, schedule included.</source>
            <translation>训练这么久，学习率计划包含在内。</translation>
        </message>
        <message>
            <source>Steps</source>
            <translation>步数</translation>
        </message>
        <message>
            <source>Train this many batches.</source>
            <translation>训练这么多批。</translation>
        </message>
        <message>
            <source>Image size</source>
            <translation>图片尺寸</translation>
        </message>
        <message>
            <source>Side of the network's input, a multiple of 32.</source>
            <translation>网络输入的边长，32 的倍数。</translation>
        </message>
        <message>
            <source>Batch</source>
            <translation>批大小</translation>
        </message>
        <message>
            <source>Images per step.</source>
            <translation>每步的图片数。</translation>
        </message>
        <message>
            <source>Seed</source>
            <translation>随机种子</translation>
        </message>
        <message>
            <source>Same seed, same run.</source>
            <translation>种子相同，结果相同。</translation>
        </message>
        <message>
            <source>Learning rate</source>
            <translation>学习率</translation>
        </message>
        <message>
            <source>At the peak of the schedule.</source>
            <translation>计划峰值时的学习率。</translation>
        </message>
        <message>
            <source>Weight decay</source>
            <translation>权重衰减</translation>
        </message>
        <message>
            <source>Not on norms, biases and gates.</source>
            <translation>不用于归一化、偏置和门控。</translation>
        </message>
        <message>
            <source>Warm-up</source>
            <translation>预热</translation>
        </message>
        <message>
            <source>Steps until the peak learning rate.</source>
            <translation>达到峰值学习率的步数。</translation>
        </message>
        <message>
            <source>Averaging</source>
            <translation>权重平均</translation>
        </message>
        <message>
            <source>Upper decay of the weights' running mean.</source>
            <translation>权重滑动平均的衰减上限。</translation>
        </message>
        <message>
            <source>Gradient clip</source>
            <translation>梯度裁剪</translation>
        </message>
        <message>
            <source>Largest gradient norm.</source>
            <translation>最大梯度范数。</translation>
        </message>
        <message>
            <source>Validate every</source>
            <translation>验证间隔</translation>
        </message>
        <message>
            <source>Steps between validations; default: a tenth.</source>
            <translation>两次验证之间的步数；默认为十分之一。</translation>
        </message>
        <message>
            <source>Checkpoint every</source>
            <translation>检查点间隔</translation>
        </message>
        <message>
            <source>Longest loss in a crash.</source>
            <translation>崩溃时最多损失的时间。</translation>
        </message>
        <message>
            <source>Threads</source>
            <translation>线程</translation>
        </message>
        <message>
            <source>CPU threads; 0 takes all cores.</source>
            <translation>CPU 线程数；0 表示用全部核心。</translation>
        </message>
        <message>
            <source>Device</source>
            <translation>设备</translation>
        </message>
        <message>
            <source>auto, cpu, cuda, mps.</source>
            <translation>auto、cpu、cuda、mps。</translation>
        </message>
        <message>
            <source>GRPO</source>
            <translation>GRPO</translation>
        </message>
        <message>
            <source>joint adds the GRPO loss to every step.</source>
            <translation>joint 在每一步加入 GRPO 损失。</translation>
        </message>
        <message>
            <source>model</source>
            <translation>模型</translation>
        </message>
        <message>
            <source>Model</source>
            <translation>模型</translation>
        </message>
        <message>
            <source>Size of the network; small finds more and is slower.</source>
            <translation>网络大小；small 找得更多，但更慢。</translation>
        </message>
        <message>
            <source>Backbone</source>
            <translation>主干网络</translation>
        </message>
        <message>
            <source>Block of the deep stages; or torchvision:NAME, a network of torchvision, such as mobilenet_v3_small.</source>
            <translation>深层阶段的模块；或 torchvision:NAME，即 torchvision 的网络，例如 mobilenet_v3_small。</translation>
        </message>
        <message>
            <source>Experts in the FPN</source>
            <translation>FPN 中的专家</translation>
        </message>
        <message>
            <source>How the gate mixes experts.</source>
            <translation>门控如何混合专家。</translation>
        </message>
        <message>
            <source>Expert kinds</source>
            <translation>专家种类</translation>
        </message>
        <message>
            <source>ghost, plain, snake; in this order.</source>
            <translation>ghost、plain、snake；按此顺序。</translation>
        </message>
        <message>
            <source>Snake convolution</source>
            <translation>蛇形卷积</translation>
        </message>
        <message>
            <source>How it samples.</source>
            <translation>采样方式。</translation>
        </message>
        <message>
            <source>Decoder</source>
            <translation>解码器</translation>
        </message>
        <message>
            <source>DETR set prediction, or dense head + NMS.</source>
            <translation>DETR 集合预测，或密集头 + NMS。</translation>
        </message>
        <message>
            <source>Denoising queries</source>
            <translation>去噪查询</translation>
        </message>
        <message>
            <source>Train the decoder on noised boxes too.</source>
            <translation>也用加噪的框训练解码器。</translation>
        </message>
        <message>
            <source>Query groups</source>
            <translation>查询组</translation>
        </message>
        <message>
            <source>Independent query sets in training.</source>
            <translation>训练中独立的查询集合。</translation>
        </message>
        <message>
            <source>Edge distributions</source>
            <translation>边分布</translation>
        </message>
        <message>
            <source>Box edges as discrete distributions; GRPO needs them.</source>
            <translation>框的边表示为离散分布；GRPO 需要它。</translation>
        </message>
        <message>
            <source>augment</source>
            <translation>数据增强</translation>
        </message>
        <message>
            <source>Flip</source>
            <translation>翻转</translation>
        </message>
        <message>
            <source>Mirror left and right.</source>
            <translation>左右镜像。</translation>
        </message>
        <message>
            <source>Turn</source>
            <translation>旋转</translation>
        </message>
        <message>
            <source>Turn by quarters: for food seen from above. Default: 0.5 below 500 images, else 0.</source>
            <translation>按四分之一圈旋转：适合从上方拍摄的食物。默认：少于 500 张图片时为 0.5，否则为 0。</translation>
        </message>
        <message>
            <source>Light</source>
            <translation>光照</translation>
        </message>
        <message>
            <source>Brightness, contrast, saturation; hue hardly.</source>
            <translation>亮度、对比度、饱和度；色调几乎不变。</translation>
        </message>
        <message>
            <source>Zoom out</source>
            <translation>缩小</translation>
        </message>
        <message>
            <source>Place the image on a larger ground.</source>
            <translation>把图片放到更大的底上。</translation>
        </message>
        <message>
            <source>Crop</source>
            <translation>裁剪</translation>
        </message>
        <message>
            <source>Cut a part that keeps boxes.</source>
            <translation>裁出保留框的一部分。</translation>
        </message>
        <message>
            <source>Mosaic</source>
            <translation>马赛克拼图</translation>
        </message>
        <message>
            <source>Join four images to one; not in the last quarter.</source>
            <translation>把四张图拼成一张；最后四分之一的训练不用。</translation>
        </message>
        <message>
            <source>Copy boxes</source>
            <translation>复制框</translation>
        </message>
        <message>
            <source>Paste boxes of other images. Default: 0.3 below 500 images, else 0.</source>
            <translation>粘贴其他图片的框。默认：少于 500 张图片时为 0.3，否则为 0。</translation>
        </message>
        <message>
            <source>policy</source>
            <translation>策略</translation>
        </message>
        <message>
            <source>Predictions per image</source>
            <translation>每图预测数</translation>
        </message>
        <message>
            <source>Independent predictions M of a group.</source>
            <translation>一组中相互独立的预测数 M。</translation>
        </message>
        <message>
            <source>Reward</source>
            <translation>奖励</translation>
        </message>
        <message>
            <source>seed: IoU + class right; set: AP-like with penalties.</source>
            <translation>seed：IoU + 类别正确；set：类似 AP，带惩罚。</translation>
        </message>
        <message>
            <source>Weight</source>
            <translation>权重</translation>
        </message>
        <message>
            <source>Weight of the GRPO loss beside the Hungarian loss.</source>
            <translation>GRPO 损失相对匈牙利损失的权重。</translation>
        </message>
        <message>
            <source>KL weight</source>
            <translation>KL 权重</translation>
        </message>
        <message>
            <source>Pull towards the frozen start.</source>
            <translation>拉向冻结的起点。</translation>
        </message>
        <message>
            <source>Of the decoder heads while fine-tuning.</source>
            <translation>微调时解码器头的学习率。</translation>
        </message>
        <message>
            <source>Keep Hungarian loss</source>
            <translation>保留匈牙利损失</translation>
        </message>
        <message>
            <source>Add the supervised loss while fine-tuning.</source>
            <translation>微调时加入监督损失。</translation>
        </message>
        <message>
            <source>Placebo</source>
            <translation>安慰剂</translation>
        </message>
        <message>
            <source>Shuffle advantages within a group: the control arm of an experiment.</source>
            <translation>在组内打乱优势：实验的对照组。</translation>
        </message>
        <message>
            <source>Fine-tuning</source>
            <translation>微调</translation>
        </message>
        <message>
            <source>Time for GRPO; automatic is a fifth of the training's.</source>
            <translation>GRPO 的时间；自动为训练时间的五分之一。</translation>
        </message>
        <message>
            <source>Start from</source>
            <translation>起点</translation>
        </message>
        <message>
            <source>bundled: weights that know food already; current: the detector in use; none: random weights.</source>
            <translation>bundled：自带的、已认识食物的权重；current：当前使用的检测器；none：随机权重。</translation>
        </message>
        <message>
            <source>min</source>
            <translation>分钟</translation>
        </message>
        <message>
            <source>px</source>
            <translation>像素</translation>
        </message>
        <message>
            <source>steps</source>
            <translation>步</translation>
        </message>
        <message>
            <source>s</source>
            <translation>秒</translation>
        </message>
    </context>
</TS>
